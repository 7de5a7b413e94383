/** An element to press, and how. */
export interface Target {
  /** What it shares with those that look alike. */
  kind: string;
  /** Where the mouse presses it, if it can. */
  at: { x: number; y: number } | null;
  /** The keys of which one must act; none if it takes no focus. */
  keys: string[];
  /** Whether the keys are text. */
  typed: boolean;
  /** What is wrong with it before it is pressed. */
  faults: string[];
}

/** Runs in the page: it finds what to press, and notices whether a press had an effect. */
export function installCrawl(everyName: boolean) {
  const FOCUSABLE =
    'a[href], button, summary, input, select, textarea, [tabindex]:not([tabindex="-1"]), vscode-button, vscode-text-field, vscode-text-area';
  const TEXTS =
    'textarea, vscode-text-field, vscode-text-area, input:not([type=range], [type=checkbox], [type=radio], [type=button])';
  /** Controls whose own change is no effect yet. */
  const TOGGLES = `input, select, vscode-checkbox, vscode-dropdown, ${TEXTS}`;
  const BUTTONS = 'a[href], button, summary, vscode-button, [role=button]';
  /** Roles whose elements answer other keys than Enter, and may be dragged. */
  const WIDGETS =
    '[role=slider], [role=separator], [role=grid], [role=listbox], [role=tree], [role=group], [role=region], [role=tabpanel], main, ul, ol, dd, input[type=range], input[type=radio], [role=radiogroup], [aria-roledescription]';
  const WIDGET_KEYS = ['ArrowDown', 'ArrowRight', 'ArrowUp', 'ArrowLeft', '+', '-', 'Home', 'End', 'Enter'];

  let acted = false;
  let quiet = 0;
  let current: Element | null = null;
  let kept: string | null = null;
  const plain = new Set<string>();
  const stir = () => (quiet = 0);
  const act = () => {
    acted = true;
    quiet = 0;
  };
  const own = window as unknown as Record<string, (message: never) => unknown>;
  const state = () => JSON.stringify(own.keptState?.(undefined as never)) ?? '';

  new MutationObserver((records) => {
    const self = current?.matches(TOGGLES) ? current : null;
    if (records.every(({ target }) => self && (target === self || self.contains(target)))) stir();
    else act();
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const post = own.hostReceives!;
  own.hostReceives = ((message: { type?: string; name?: string }) => {
    if (message.name === 'remember' || !['call', 'notify', 'cancel'].includes(message.type!)) stir();
    else act();
    return post(message as never);
  }) as never;
  for (const name of ['toggle', 'play', 'pause']) document.addEventListener(name, act, true);
  // A button may scroll to what it names; what only scrolls scrolls itself, not the page around it.
  document.addEventListener(
    'scroll',
    ({ target }) => {
      if (!current?.matches(WIDGETS) || current.contains(target as Node)) act();
      else stir();
    },
    true,
  );
  document.addEventListener('focusin', ({ target }) => {
    if (target !== current && !current?.contains(target as Node)) act();
  });
  // VS Code opens links; here they only count.
  document.addEventListener(
    'click',
    (event) => {
      if (!(event.target as Element).closest?.('a[href]')) return;
      event.preventDefault();
      act();
    },
    true,
  );

  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const isSeen = (element: Element) => {
    const { width, height } = element.getBoundingClientRect();
    return (
      width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    );
  };
  const wordsOf = (element: Element) =>
    ((element as HTMLElement).innerText ?? element.textContent).replace(/[\ue000-\uf8ff]/g, '').trim();
  const shapeOf = (element: Element) => {
    const classes = (element.getAttribute('class') ?? '').split(/\s+/).filter(Boolean).join('.');
    const role = element.getAttribute('role') ?? element.getAttribute('type');
    return element.localName + (classes && `.${classes}`) + (role ? `[${role}]` : '');
  };
  const kindOf = (element: Element) => {
    const up: string[] = [];
    for (
      let one: Element | null = element;
      one && up.length < 3 && one !== document.body;
      one = one.parentElement
    )
      up.unshift(shapeOf(one));
    const named = everyName ? FOCUSABLE : 'vscode-button, vscode-dropdown';
    const name = element.matches(named)
      ? (element.getAttribute('aria-label') ?? (element.matches(BUTTONS) ? element.textContent : ''))!
      : '';
    return `${up.join(' > ')} ${name.replace(/\d+/g, '#').replace(/\s+/g, ' ').trim().slice(0, 40)}`.trim();
  };
  const isInert = (element: Element) =>
    element.matches(
      ':disabled, [disabled], [aria-disabled=true], input[type=radio]:checked, [aria-checked=true][role=radio], [role=tab][aria-selected=true], [role=option][aria-selected=true], [role=row][aria-selected=true], [aria-current]:not([aria-current=false]), [readonly]',
    ) || element.closest('[inert]') !== null;
  const isPointer = (element: Element | null) =>
    element !== null && getComputedStyle(element).cursor === 'pointer';

  /** A point where the element, and nothing in it that is pressed for itself, is on top. */
  const pointOf = (element: Element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    for (const [x, y] of [
      [0.5, 0.5],
      [0.1, 0.5],
      [0.9, 0.5],
      [0.5, 0.1],
      [0.5, 0.9],
      [0.02, 0.1],
      [0.98, 0.9],
    ] as const) {
      const at = { x: left + width * x, y: top + height * y };
      const hit = document.elementFromPoint(at.x, at.y);
      if (
        hit &&
        element.contains(hit) &&
        (hit.closest(FOCUSABLE) === element || !element.contains(hit.closest(FOCUSABLE)))
      )
        return at;
    }
    return null;
  };

  const faultsOf = (element: Element) => {
    const faults: string[] = [];
    const isFocusable = element.matches(FOCUSABLE);
    // The options of a combobox are walked through in its field.
    const list = element.closest('[role=listbox][id]')?.id;
    const isOption = list !== undefined && document.querySelector(`[role=combobox][aria-controls='${list}']`);
    if (
      !isFocusable &&
      !isOption &&
      !element.closest(`${FOCUSABLE}, label`) &&
      !element.querySelector(FOCUSABLE)
    )
      faults.push('No key reaches it');
    if (element.matches(BUTTONS)) {
      if (wordsOf(element) === '' && !element.closest('[title]')) faults.push('Neither words nor tooltip');
      if (!element.matches(`${WIDGETS}, vscode-button`) && !isPointer(element))
        faults.push('A button without the pointer');
    }
    return faults;
  };

  return {
    /** Waits until nothing has moved for four frames, at most a second: charts of a long page redraw after a resize. */
    async settle() {
      quiet = 0;
      for (let frames = 0; quiet < 4 && frames < 60; frames++) {
        await frame();
        quiet++;
      }
    },
    /** Chooses what is pressed next: the first kind that is not known. */
    next(known: readonly string[]): Target | null {
      const pressed = new Set(known);
      const root = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.body;
      for (const element of root.querySelectorAll('*')) {
        const kind = kindOf(element);
        if (pressed.has(kind) || plain.has(kind)) continue;
        const focusable = element.matches(FOCUSABLE);
        // The label of a field is part of it.
        const isLabel = element.parentElement?.closest(TEXTS) != null;
        if (!focusable && (isLabel || !isPointer(element) || isPointer(element.parentElement))) {
          if (isSeen(element)) plain.add(kind);
          continue;
        }
        const folded = element.parentElement?.closest('details:not([open])') as HTMLDetailsElement | null;
        if (folded && !element.matches('summary')) folded.open = true;
        if (!isSeen(element) || isInert(element)) continue;
        element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        const typed = element.matches(TEXTS);
        const at = pointOf(element);
        current = element;
        const keys = !focusable
          ? []
          : typed
            ? ['End', '1', 'Enter']
            : element.matches('select, vscode-dropdown')
              ? ['ArrowDown', 'ArrowUp']
              : element.matches('input[type=checkbox], vscode-checkbox')
                ? [' ']
                : element.matches(WIDGETS)
                  ? WIDGET_KEYS
                  : ['Enter'];
        const noClick =
          typed ||
          element.matches('select, input[type=range], vscode-dropdown') ||
          (element.matches(WIDGETS) && !isPointer(element));
        return { kind, at: noClick ? null : at, keys, typed, faults: faultsOf(element) };
      }
      return null;
    },
    /** Where the mouse presses what was chosen, after what pointing at it has moved. */
    at: () => (current?.isConnected ? pointOf(current) : null),
    /** Whether what was chosen is no longer on the page. */
    isGone: () => !current?.isConnected,
    /** Whether what was chosen is the one pressed button of its group, as the checked one of radio buttons is. */
    isChoice(): boolean {
      const pressed = current?.closest('[role=group]')?.querySelectorAll('[aria-pressed=true]');
      return pressed?.length === 1 && pressed[0] === current;
    },
    /** Focuses what was chosen, or what took its place. @returns whether it can be */
    focus(): boolean {
      if (!current?.isConnected || !isSeen(current) || isInert(current)) return false;
      (current as HTMLElement).focus();
      return current === document.activeElement || current.contains(document.activeElement);
    },
    watch() {
      acted = false;
      kept = state();
    },
    /** @returns whether something has changed since `watch`, after at most so many ms */
    async acted(ms: number): Promise<boolean> {
      const end = performance.now() + ms;
      for (;;) {
        await frame();
        if (acted || state() !== kept) return true;
        if (performance.now() > end) return false;
      }
    },
  };
}
