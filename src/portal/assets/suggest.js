// Suggestions under the search box while one types (a combobox of the ARIA Authoring Practices). The box works without.
'use strict';

(() => {
  const box = document.getElementById('q');
  if (!box || !window.fetch || !window.AbortController) return;
  const WAIT = 200;
  const SOURCES = { query: '大家在找', keyword: '关键词', term: '分类', place: '地区', person: '人物', title: '题名' };
  const list = document.createElement('ul');
  list.id = 'suggestions';
  list.className = 'options';
  list.hidden = true;
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', '检索建议');
  const told = document.createElement('p');
  told.className = 'unseen';
  told.setAttribute('role', 'status');
  box.form.append(list, told);
  const set = (name, value) => box.setAttribute(`aria-${name}`, value);
  box.setAttribute('role', 'combobox');
  set('autocomplete', 'list');
  set('controls', list.id);
  set('expanded', 'false');

  let active = -1;
  let typed = box.value;
  let timer = 0;
  let asking = null;
  const options = () => [...list.children];
  const point = (place) => {
    active = place;
    options().forEach((option, at) => option.setAttribute('aria-selected', String(at === place)));
    const option = list.children[place];
    if (option) {
      set('activedescendant', option.id);
      option.scrollIntoView({ block: 'nearest' });
    } else {
      box.removeAttribute('aria-activedescendant');
    }
  };
  const open = (on) => {
    list.hidden = !on;
    set('expanded', String(on));
    if (!on) point(-1);
  };
  // What was asked and not answered yet is of no use any more.
  const stop = () => {
    clearTimeout(timer);
    if (asking) asking.abort();
    asking = null;
  };
  const close = () => { stop(); open(false); told.textContent = ''; };
  const choose = (option) => {
    box.value = option.dataset.text;
    close();
    box.form.submit();
  };
  const show = (suggestions) => {
    list.replaceChildren(...suggestions.map((one, at) => {
      const option = document.createElement('li');
      option.id = `suggestion-${at}`;
      option.dataset.text = one.text;
      option.setAttribute('role', 'option');
      const [text, source] = [document.createElement('span'), document.createElement('small')];
      text.textContent = one.text;
      source.textContent = SOURCES[one.source] || '';
      option.append(text, source);
      // The box keeps the focus while an option is pressed.
      option.addEventListener('pointerdown', (event) => event.preventDefault());
      option.addEventListener('mousedown', (event) => event.preventDefault());
      option.addEventListener('click', () => choose(option));
      return option;
    }));
    open(suggestions.length > 0);
    told.textContent = suggestions.length > 0 ? `有 ${suggestions.length} 条建议，按上下键选择。` : '没有建议。';
  };
  const ask = async () => {
    stop();
    const own = new AbortController();
    asking = own;
    try {
      const answer = await fetch(`/api/v1/suggest?limit=8&q=${encodeURIComponent(typed)}`, { signal: own.signal });
      const found = answer.ok ? (await answer.json()).suggestions : [];
      if (asking === own) show(found);
    } catch {
      // Without a network one types on and searches by the button.
    }
  };
  // While an input method composes, what stands in the box is no word yet.
  const changed = (event) => {
    if (event.isComposing || box.value.trim() === typed.trim()) return;
    typed = box.value;
    stop();
    if (!typed.trim()) { close(); return; }
    timer = setTimeout(ask, WAIT);
  };
  box.addEventListener('input', changed);
  box.addEventListener('compositionend', () => changed({ isComposing: false }));
  box.addEventListener('keydown', (event) => {
    // 229: a key that the input method takes.
    if (event.isComposing || event.keyCode === 229) return;
    const last = list.children.length - 1;
    if (event.key === 'Escape') {
      if (!list.hidden) { event.preventDefault(); close(); }
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (last < 0) return;
      event.preventDefault();
      if (list.hidden) open(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      // One step beyond either end is the box itself.
      point(active + step < -1 ? last : active + step > last ? -1 : active + step);
    } else if (event.key === 'Enter' && !list.hidden && active >= 0) {
      event.preventDefault();
      choose(list.children[active]);
    }
  });
  box.addEventListener('blur', close);
})();
