// Plays a speech while it is made: part after part without a gap, until the take is in the player and goes on from there.
(() => {
  const RATE = 24000, FADE = 0.01, SOON = 0.05, AHEAD = 60;
  const PLAY = '<svg viewBox="0 0 16 16" aria-hidden="true"><path class="i-play" d="M5 3.2v9.6c0 .5.55.8.97.53l7.2-4.8a.63.63 0 0 0 0-1.06l-7.2-4.8A.63.63 0 0 0 5 3.2Z"/><path class="i-stop" d="M4.5 3.5h2.4v9H4.5zM9.1 3.5h2.4v9H9.1z"/></svg>';
  const clock = seconds => Math.floor(seconds / 60) + ':' + String(Math.floor(seconds % 60)).padStart(2, '0');

  // Parts on the sound card's clock: `place` says when each begins there, and where it begins in the speech.
  class Parts {
    constructor() {
      // At the parts' own rate nothing is resampled, so that they meet sample by sample.
      this.context = new AudioContext({sampleRate: RATE});
      this.out = this.context.createGain();
      this.out.connect(this.context.destination);
      this.places = [];
      this.length = 0;
      this.loading = false;
    }
    get end() { const last = this.places.at(-1); return last ? last.when + last.length : 0; }
    get ahead() { return Math.max(0, this.end - this.context.currentTime); }
    get playing() { return this.context.state === 'running'; }
    get position() {
      const now = this.context.currentTime, place = this.places.findLast(p => p.when <= now);
      return place ? place.begin + Math.min(now - place.when, place.length) : 0;
    }
    get part() { return Math.max(0, this.places.findLastIndex(p => p.when <= this.context.currentTime)) + 1; }
    async load(urls) {
      if (this.loading || this.places.length >= urls.length || this.ahead > AHEAD) return;
      this.loading = true;
      try {
        const answer = await fetch(urls[this.places.length]);
        if (answer.ok) this.add(await this.context.decodeAudioData(await answer.arrayBuffer()));
      } catch { /* the network or a closed context: it is tried again at the next tick, or never */ }
      this.loading = false;
    }
    add(buffer) {
      const source = this.context.createBufferSource(), gain = this.context.createGain(), last = this.places.at(-1);
      const late = this.ahead < SOON, when = late ? this.context.currentTime + SOON : this.end;
      source.buffer = buffer;
      source.connect(gain).connect(this.out);
      // Where there is nothing before or after it, a part must not begin or end with a click.
      if (late) gain.gain.setValueAtTime(0, when), gain.gain.linearRampToValueAtTime(1, when + FADE);
      else last.gain.gain.cancelScheduledValues(this.context.currentTime), last.gain.gain.setValueAtTime(1, this.context.currentTime);
      gain.gain.setValueAtTime(1, when + Math.max(buffer.duration - FADE, FADE));
      gain.gain.linearRampToValueAtTime(0, when + buffer.duration);
      source.start(when);
      this.places.push({when, begin: this.length, length: buffer.duration, gain});
      this.length += buffer.duration;
    }
    fade() {
      this.out.gain.setValueAtTime(1, this.context.currentTime);
      this.out.gain.linearRampToValueAtTime(0, this.context.currentTime + 0.05);
    }
    close() { if (this.context.state !== 'closed') this.context.close(); }
  }

  const audio = () => { const player = document.querySelector('#player'); return player && window.timbre.audioOf(player); };

  window.timbre.early = (element, props, watch) => {
    let told = {}, parts = null, timer = 0, before = '', taking = false, settled = 0;
    const box = () => element.querySelector('.tb-early');

    function draw() {
      const root = box(), count = told.parts?.length ?? 0;
      if (!root) return;
      root.hidden = !(parts || (count && told.state === 'making'));
      if (root.hidden) return;
      if (!root.firstChild) root.innerHTML = `<button type="button" class="tb-play">${PLAY}</button><span class="tb-text"><b></b><small></small></span>`;
      const button = root.querySelector('button'), waiting = parts?.playing && !parts.ahead;
      const head = !parts ? 'Listen while it is made' : !parts.playing ? 'Paused' : waiting ? 'Waiting for the next part' : 'Playing';
      const detail = parts ? `${clock(parts.position)} · part ${parts.part} of ${told.of}` : `${count} of ${told.of} parts are ready.`;
      button.toggleAttribute('data-on', !!parts?.playing);
      button.setAttribute('aria-label', parts?.playing ? 'Pause' : 'Listen while it is made');
      button.style.setProperty('--p', parts?.length ? parts.position / parts.length : 0);
      root.dataset.at = parts ? parts.position.toFixed(3) : '';
      const [title, small] = root.querySelectorAll('b, small');
      if (title.textContent !== head) title.textContent = head;
      if (small.textContent !== detail) small.textContent = detail;
    }

    function stop() {
      parts?.close();
      parts = null;
      taking = false;
      settled = 0;
      clearInterval(timer);
      draw();
    }

    function tick() {
      if (!parts) return;
      parts.load(told.parts);
      const over = told.state !== 'making' && parts.places.length === told.parts.length && !parts.ahead;
      if (told.state === 'done') handOver();
      else if (over) stop();
      draw();
    }

    // The take has another address than what was in the player; it is heard once it plays at the same place.
    function handOver() {
      const take = audio();
      if (!take || take.src === before || take.readyState < 2) return;
      const from = parts, place = () => Math.min(from.position, take.duration);
      // Its player begins anew once it has drawn the wave: the place must have held for a while.
      if (!taking && !take.currentTime && place()) { take.currentTime = place(); settled = 0; }
      if (++settled < 6) return;
      if (!from.playing || (!from.ahead && from.places.length === told.parts.length)) {
        if (!taking) take.currentTime = from.playing ? 0 : place();
        take.volume = 1;
        return stop();
      }
      if (taking) return;
      taking = true;
      take.volume = 0;
      take.currentTime = place();
      const meet = () => {
        take.addEventListener('seeked', () => {
          from.fade();
          take.volume = 1;
          setTimeout(() => { if (parts === from) stop(); }, 60);
        }, {once: true});
        take.currentTime = place();
      };
      take.addEventListener('playing', meet, {once: true});
      // If it begins anew now it is tried again, while ours goes on.
      take.play().catch(() => { take.volume = 1; taking = false; });
    }

    element.addEventListener('click', e => {
      if (!e.target.closest('.tb-early button')) return;
      if (parts) parts.playing ? parts.context.suspend() : parts.context.resume();
      else {
        window.timbre.hush();
        audio()?.pause();
        parts = new Parts();
        timer = setInterval(tick, 100);
      }
      setTimeout(tick, 0);
    });
    // One sounds at a time.
    document.addEventListener('click', e => {
      if (parts?.playing && e.target.closest?.('.tb-play[data-src], .play-pause-button')) parts.context.suspend();
    }, true);
    watch('value', () => {
      const next = props.value?.parts ? props.value : {};
      if (!next.parts) stop();
      if (!told.parts) before = audio()?.src ?? '';
      told = next;
      tick();
      draw();
    });
  };
})();
