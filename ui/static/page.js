// What happens in the browser alone: keys, the playhead, small players, the microphone's level, copying a link.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);

  document.addEventListener('keydown', e => {
    const button = $('#generate');
    if ((e.ctrlKey || e.metaKey) && e.key === 'Enter' && button && !button.disabled) { e.preventDefault(); button.click(); }
  });

  // --- small players: one sounds at a time
  const sound = new Audio();
  let playing = null;
  const hush = () => {
    sound.pause();
    if (playing) { delete playing.dataset.on; playing.style.removeProperty('--p'); playing.setAttribute('aria-label', 'Play ' + playing.dataset.what); }
    playing = null;
  };
  const draw = () => {
    if (!playing || !playing.isConnected) return hush();
    const [from, to] = (/#t=([\d.]+),([\d.]+)/.exec(sound.src) ?? [0, 0, sound.duration || 1]).slice(1).map(Number);
    playing.style.setProperty('--p', Math.max(0, Math.min(1, (sound.currentTime - from) / (to - from))));
    requestAnimationFrame(draw);
  };
  sound.addEventListener('ended', hush);
  sound.addEventListener('pause', () => sound.paused && hush());  // at the end of a part, or by the system's keys
  document.addEventListener('click', e => {
    const button = e.target.closest?.('.tb-play[data-src]');
    if (!button) return;
    e.preventDefault();
    const again = button === playing;
    hush();
    if (again) return;
    playing = button;
    button.dataset.on = '';
    button.setAttribute('aria-label', 'Stop ' + button.dataset.what);
    sound.src = button.dataset.src;
    sound.play().then(draw, hush);
  });

  // --- a menu goes once something is chosen, there or elsewhere
  document.addEventListener('click', e => {
    const menu = $('.tb-menu[open]');
    if (menu && (e.target.closest('.tb-menu a') || !menu.contains(e.target))) menu.open = false;
  });

  // --- the link of the take in the player
  const copyLink = async () => {
    const button = $('#copy'), holder = $('#result [data-link]');
    if (!button || !holder) return;
    const label = button.textContent;
    try { await navigator.clipboard.writeText(holder.dataset.link); button.textContent = 'Link copied'; }
    catch { window.prompt('Copy this link', holder.dataset.link); return; }
    setTimeout(() => { button.textContent = label; }, 2500);
  };

  // --- the big players: wavesurfer keeps its <audio> in a shadow root
  const audioOf = player => [...player.querySelectorAll('#waveform div')].find(d => d.shadowRoot)?.shadowRoot.querySelector('audio');
  const light = time => {
    const strip = $('.tb-strip');
    if (!strip) return;
    strip.words ??= [...strip.querySelectorAll('[data-start]')];
    strip.starts ??= strip.words.map(word => +word.dataset.start);
    const word = strip.words[strip.starts.findLastIndex(start => start <= time)];
    const spoken = time > 0 && word && time < +word.dataset.end ? word : null;
    const lit = $('[aria-current]', strip);
    if (lit === spoken) return;
    lit?.removeAttribute('aria-current');
    if (!spoken) return;
    spoken.setAttribute('aria-current', 'true');
    const above = spoken.offsetTop < strip.scrollTop, below = spoken.offsetTop + spoken.offsetHeight > strip.scrollTop + strip.clientHeight;
    if (above || below) strip.scrollTop = spoken.offsetTop - strip.clientHeight / 3;
  };
  let shown = -1;
  (function follow() {
    const player = $('#player'), head = $('.tb-spectrogram .playhead'), audio = player && head && audioOf(player);
    if (audio?.duration && audio.currentTime !== shown) {
      shown = audio.currentTime;
      head.style.left = 100 * shown / audio.duration + '%';
      head.style.opacity = shown > 0 ? 1 : 0;
      light(shown);
    }
    // Frame by frame only while there is something to follow: the model may share this machine's processor.
    audio && !audio.paused ? requestAnimationFrame(follow) : setTimeout(follow, 150);
  })();
  setInterval(() => {
    // wavesurfer draws at least 20 px a second and scrolls: a long clip is squeezed so that all of it shows.
    document.querySelectorAll('.player #waveform').forEach(wave => {
      const audio = audioOf(wave.parentElement), box = wave.parentElement.clientWidth;
      if (!audio?.duration || !box) return;
      const needed = Math.ceil(audio.duration * 20);
      if (needed > box) Object.assign(wave.style, {flex: 'none', width: needed + 'px', transformOrigin: '0 50%', transform: `scaleX(${box / needed})`});
      else if (wave.style.transform) wave.style.cssText = '';
    });
    // gradio tells only in a corner that the server went away; it goes on asking, and reloads the page once it answers.
    const away = [...document.querySelectorAll('.toast-body.error')].some(toast => /connection/i.test(toast.textContent));
    const line = $('#status .tb-status');
    if (away && line && !line.classList.contains('bad')) {
      line.className = 'tb-status bad';
      line.innerHTML = '<p role="alert"><b>Timbre does not answer any more.</b> <span>See that it runs; this page goes on once it does, and what you wrote stays.</span></p>';
    }
    // gradio's folds do not say whether they are open
    document.querySelectorAll('button.label-wrap').forEach(b => b.setAttribute('aria-expanded', b.classList.contains('open')));
  }, 400);

  // --- a file that the recording's player would refuse gets in as the button for it lets in any
  for (const [event, given] of [['drop', e => e.dataTransfer], ['change', e => e.target]]) {
    document.addEventListener(event, e => {
      const files = e.target.closest?.('#own') && given(e)?.files, other = $('input:has(+ #other)');
      if (!files?.length || files[0].type.startsWith('audio/') || !other) return;
      e.preventDefault();
      e.stopPropagation();
      other.files = files;
      other.dispatchEvent(new Event('change', {bubbles: true}));
    }, true);
  }

  // --- the microphone: its level while recording, and why there is none
  const say = text => { const line = $('.tb-level p'); if (line) line.textContent = text; };
  const refused = error => say({
    NotAllowedError: 'The microphone is blocked. Allow it for this page in your browser, or drop a file.',
    NotFoundError: 'No microphone was found. Connect one, or drop a file.',
    NotReadableError: 'The microphone is used by another program. Close that, or drop a file.',
    Insecure: 'Recording needs HTTPS or localhost. Open this page that way, or drop a file.',
  }[error.name] ?? 'The microphone cannot be used (' + error.name + '). Drop a file instead.');
  const devices = navigator.mediaDevices;
  if (devices?.getUserMedia) {
    const ask = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async wanted => {
      try {
        const stream = await ask(wanted);
        if (wanted?.audio) watch(stream);
        return stream;
      } catch (error) { refused(error); throw error; }
    };
  } else {
    document.addEventListener('click', e => {
      if (e.target.closest?.('#own [aria-label="Record audio"]')) refused({name: 'Insecure'});
    });
  }
  function watch(stream) {
    const context = new AudioContext(), analyser = context.createAnalyser(), track = stream.getAudioTracks()[0];
    analyser.fftSize = 2048;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let held = -60, said = '', at = 0;
    (function step() {
      const box = $('.tb-level');
      if (track.readyState === 'ended') { context.close(); if (box) box.className = 'tb-level'; return; }
      analyser.getFloatTimeDomainData(samples);
      const peak = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-5);
      held = Math.max(20 * Math.log10(peak), held - 0.35, -60);
      if (box) {
        const kind = held > -3 ? 'hot' : held < -30 ? 'low' : 'good', now = performance.now();
        box.className = 'tb-level live ' + kind;
        $('i', box).style.width = (held + 60) / 60 * 100 + '%';
        const text = {hot: 'Too loud. Move back a little.', low: 'Too quiet. Move closer to the microphone.', good: 'Good level. Keep going for 6 to 12 seconds.'}[kind];
        if (text !== said && now - at > 700) { said = text; at = now; say(text); }
      }
      requestAnimationFrame(step);
    })();
  }

  window.timbre = {
    audioOf, copyLink, hush,
    save(name, text) {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([text], {type: 'text/csv;charset=utf-8'}));
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    },
    jump(seconds) {
      const audio = audioOf($('#player'));
      if (audio) audio.currentTime = seconds + 0.001;  // the browser rounds down, into the word before
    },
    reveal() {
      const result = $('#result');
      if (!result || result.getBoundingClientRect().bottom <= innerHeight) return;
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
      result.scrollIntoView({block: result.offsetHeight > innerHeight ? 'start' : 'end', behavior: calm ? 'auto' : 'smooth'});
    },
  };
})();

// Of a clip before and after only one sounds: the player that is put away falls silent.
document.addEventListener('change', e => {
  if (!e.target.closest?.('#side')) return;
  document.querySelectorAll('#own #waveform div').forEach(d => d.shadowRoot?.querySelector('audio')?.pause());
});
