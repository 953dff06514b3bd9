// Words that are gone to by click or key: a drag chooses all it passes, a finger that stays on a word all up to it.
(() => {
  window.timbre.strip = (element, tell) => {
    let anchor = 0, dragged = -1, holding = 0, held = false;
    const mark = (words, n) => {
      const [first, last] = [Math.min(anchor, n), Math.max(anchor, n)];
      words.forEach((word, i) => word.setAttribute('aria-selected', first <= i && i <= last));
      return [first, last];
    };
    const choose = (words, n, further) => {
      if (!further) anchor = n;
      const [first, last] = mark(words, n);
      words.forEach((word, i) => { word.tabIndex = i === n ? 0 : -1; });
      window.timbre.jump(+words[first].dataset.start);
      tell({first, last});
    };
    const found = e => {
      const words = [...element.querySelectorAll('[role=option]')];
      return [words, words.indexOf(e.target.closest('[role=option]'))];
    };
    element.addEventListener('pointerdown', e => {
      const [words, n] = found(e);
      held = false;
      if (e.pointerType === 'touch' && n >= 0) holding = setTimeout(() => { held = true; choose(words, n, true); }, 450);
    });
    // A finger that moves scrolls: then the pointer is cancelled.
    for (const end of ['pointerup', 'pointercancel', 'pointerleave']) element.addEventListener(end, () => clearTimeout(holding));
    element.addEventListener('contextmenu', e => { if (held) e.preventDefault(); });
    element.addEventListener('click', e => {
      const [words, n] = found(e);
      if (n >= 0 && !held) choose(words, n, e.shiftKey);
    });
    element.addEventListener('mousedown', e => {
      const [, n] = found(e);
      dragged = -1;
      if (n >= 0 && !e.shiftKey && !held) anchor = n;
    });
    element.addEventListener('mouseover', e => {
      const [words, n] = found(e);
      if (e.buttons === 1 && n >= 0 && (n !== anchor || dragged >= 0)) mark(words, dragged = n);
    });
    element.addEventListener('mouseup', e => {
      const words = found(e)[0];
      if (dragged >= 0 && dragged !== anchor) choose(words, dragged, true);
      dragged = -1;
    });
    element.addEventListener('keydown', e => {
      const [words, n] = found(e);
      if (n < 0 || e.ctrlKey || e.metaKey || e.altKey) return;
      const to = {ArrowLeft: n - 1, ArrowUp: n - 1, ArrowRight: n + 1, ArrowDown: n + 1, Home: 0, End: words.length - 1}[e.key];
      if (to !== undefined) {
        words[Math.max(0, Math.min(to, words.length - 1))].focus();
      } else if (e.key === 'Enter' || e.key === ' ') {
        choose(words, n, e.shiftKey);
      } else return;
      e.preventDefault();
    });
  };
})();
