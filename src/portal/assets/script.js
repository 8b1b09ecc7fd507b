// What makes some things easier; every page works without it.
'use strict';

const find = (id) => document.getElementById(id);
document.querySelectorAll('[data-script]').forEach((part) => { part.hidden = false; });

// In the edition for elders a page is read aloud, where the device has a Chinese voice.
const aloud = find('aloud');
if (aloud && window.speechSynthesis) {
  // Mandarin, which some devices call cmn, before other voices of Chinese.
  const voice = () => {
    const voices = speechSynthesis.getVoices();
    return voices.find((one) => /^(zh[-_]cn|cmn)/i.test(one.lang)) || voices.find((one) => /^zh/i.test(one.lang));
  };
  const offer = () => { aloud.hidden = !voice(); };
  const rest = () => { aloud.textContent = '朗读本页'; };
  const stop = () => { speechSynthesis.cancel(); rest(); };
  offer();
  speechSynthesis.onvoiceschanged = offer;
  aloud.addEventListener('click', () => {
    if (speechSynthesis.speaking) { stop(); return; }
    // Line by line: some voices fall silent in a long text.
    const lines = find('main').innerText.split('\n').map((line) => line.trim()).filter(Boolean);
    lines.forEach((line, place) => {
      const said = new SpeechSynthesisUtterance(line);
      Object.assign(said, { lang: 'zh-CN', voice: voice(), rate: 0.85 });
      if (place === lines.length - 1) said.onend = rest;
      speechSynthesis.speak(said);
    });
    if (lines.length) aloud.textContent = '停止朗读';
  });
  window.addEventListener('pagehide', stop);
}

// What is wrong with a form is read first.
const faults = document.querySelector('.faults');
if (faults) faults.focus();

// Links to a time move the player that is there; the present time is taken into the form.
const player = find('player');
if (player) {
  document.querySelectorAll('a[data-second]').forEach((link) => link.addEventListener('click', (event) => {
    event.preventDefault();
    player.currentTime = Number(link.dataset.second);
    player.scrollIntoView({ block: 'center' });
    player.play().catch(() => {});
  }));
  const from = Number(player.dataset.from);
  if (from > 0) player.addEventListener('loadedmetadata', () => { player.currentTime = Math.min(from, player.duration || from); }, { once: true });
  // How far a learner came is told while it plays and when it stops, so that any device can go on from there.
  const resource = player.dataset.resource;
  if (resource) {
    let told = 0;
    const tell = (verb) => {
      told = Date.now();
      const event = { id: crypto.randomUUID ? crypto.randomUUID() : `${told}-${Math.random()}`, learner: 'me', resource, verb, at: new Date().toISOString() };
      if (verb === 'progressed') event.position = Math.floor(player.currentTime);
      fetch('/api/v1/events', { method: 'POST', keepalive: true, headers: { 'content-type': 'application/json' }, body: JSON.stringify([event]) }).catch(() => {});
    };
    player.addEventListener('play', () => tell('progressed'));
    player.addEventListener('pause', () => tell('progressed'));
    player.addEventListener('timeupdate', () => { if (Date.now() - told >= 30000) tell('progressed'); });
    player.addEventListener('ended', () => tell('completed'));
  }
  const now = find('now');
  if (now) now.addEventListener('click', () => {
    const second = Math.floor(player.currentTime);
    find('time').value = `${Math.floor(second / 60)}:${String(second % 60).padStart(2, '0')}`;
  });
}

// A link beside a page of text puts its number into the form.
document.querySelectorAll('a[data-page]').forEach((link) => link.addEventListener('click', (event) => {
  event.preventDefault();
  const page = find('page');
  page.value = link.dataset.page;
  find('text-of-comment').focus();
}));

// A box is drawn on the picture, and stands in the form in per cent.
const picture = find('picture');
if (picture) {
  const drawn = find('drawn');
  const draw = find('draw');
  const sides = ['left', 'top', 'width', 'height'].map(find);
  const show = () => ['x', 'y', 'width', 'height'].forEach((name, place) => drawn.setAttribute(name, `${Number(sides[place].value) || 0}%`));
  sides.forEach((side) => side.addEventListener('input', show));
  let drawing = false;
  let corner = null;
  const spot = (event) => {
    const frame = picture.getBoundingClientRect();
    const part = (at, from, whole) => Math.min(100, Math.max(0, (at - from) / whole * 100));
    return [part(event.clientX, frame.left, frame.width), part(event.clientY, frame.top, frame.height)];
  };
  const fill = (other) => {
    const low = corner.map((at, axis) => Math.min(at, other[axis]));
    const long = corner.map((at, axis) => Math.abs(at - other[axis]));
    // Rounded so that the box never leaves the picture.
    const down = (number) => (Math.floor(number * 10) / 10).toFixed(1);
    [down(low[0]), down(low[1]), down(long[0]), down(long[1])].forEach((value, place) => { sides[place].value = value; });
    show();
  };
  const set = (on) => {
    drawing = on;
    picture.classList.toggle('drawing', on);
    draw.setAttribute('aria-pressed', String(on));
    draw.textContent = on ? '请在图上拖动' : '开始画框';
    if (on) picture.scrollIntoView({ block: 'nearest' });
  };
  draw.addEventListener('click', () => set(!drawing));
  picture.addEventListener('pointerdown', (event) => {
    if (!drawing) return;
    event.preventDefault();
    picture.setPointerCapture(event.pointerId);
    corner = spot(event);
    fill(corner);
  });
  picture.addEventListener('pointermove', (event) => { if (corner) fill(spot(event)); });
  picture.addEventListener('pointerup', (event) => {
    if (!corner) return;
    fill(spot(event));
    corner = null;
    set(false);
    find('text-of-comment').focus();
  });
  picture.addEventListener('pointercancel', () => { corner = null; });
}

// The opinion saves itself, and a phrase goes to where one writes.
const opinion = find('opinion');
if (opinion) {
  const saved = find('saved');
  let timer = 0;
  let given = false;
  const save = async () => {
    const form = new URLSearchParams(new FormData(opinion));
    form.set('do', 'autosave');
    try {
      const answer = await fetch(opinion.action, { method: 'POST', body: form, headers: { accept: 'application/json' } });
      saved.textContent = answer.ok ? `草稿已于 ${new Date().toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit' })} 自动保存。` : '草稿未能自动保存，请点“保存草稿”。';
    } catch {
      saved.textContent = '网络不通，草稿未能自动保存。';
    }
  };
  opinion.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => { if (!given) save(); }, 1500);
  });
  opinion.addEventListener('submit', () => { given = true; clearTimeout(timer); });
  const insert = find('insert');
  if (insert) insert.addEventListener('click', (event) => {
    event.preventDefault();
    const phrase = find('phrase').value;
    if (!phrase) return;
    const text = find('text');
    const [from, to] = [text.selectionStart, text.selectionEnd];
    text.setRangeText(phrase, from, to, 'end');
    text.focus();
    opinion.dispatchEvent(new Event('input'));
  });
}
