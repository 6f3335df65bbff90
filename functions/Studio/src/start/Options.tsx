import type { ComponentChildren } from 'preact';
import type { Models, Overrides } from '../api/types';
import { about } from '../shell/words';
import { change, draft, sending } from './draft';
import type { Draft } from './drafts';
import { quick, seedsFor, strengthsOf, thorough, unseen, withoutRecipe, type Plan } from './plan';
import { secondsPerPass } from './speed';

const MostVersions = 8;

/** What most people leave as it is. */
export function Options({ models, plan }: { models: Models; plan: Plan }) {
  const { settings } = draft.value;
  const other = unseen(settings);
  const set = (part: Overrides) => change({ settings: { ...settings, ...part } });
  const dropRecipe = (part: Partial<Draft>) => change({ settings: withoutRecipe(settings), ...part }, 'size');
  const isBusy = sending.value !== null;
  const listed = plan.search ? [] : plan.etas;
  const setStrengths = (part: Overrides) => {
    const { search, etas, ...rest } = settings;
    change({ settings: { ...rest, ...part } });
  };
  const toggle = (eta: number) => setStrengths({ etas: listed.includes(eta) ? listed.filter(other => other !== eta) : [...listed, eta].sort((a, b) => a - b) });
  return (
    <details class="more options">
      <summary>More options <span class="soft">{picturesIn(plan)}</span></summary>
      <fieldset disabled={isBusy}>
        <legend class="visually-hidden">More options</legend>
        {(plan.method || !plan.profile.settings.superResolution) && <div class="field" role="group" aria-label="Way">
          <span>Way <Hint>a quick look takes seconds, and keeps less of your photo</Hint></span>
          <div class="chips">
            <button type="button" class="chip" aria-pressed={!plan.method} onClick={() => plan.method && change({ settings: thorough(settings) })}>learn the photo</button>
            <button type="button" class="chip" aria-pressed={plan.method !== undefined} onClick={() => plan.method || change({ settings: quick(settings) })}>quick look</button>
          </div>
        </div>}
        {plan.method !== 'ddib' && <div class="field" role="group" aria-label="Versions">
          <span>Versions <Hint>each begins by chance elsewhere</Hint></span>
          <div class="stepper">
            <button type="button" aria-label="Fewer versions" disabled={plan.seeds.length <= 1} onClick={() => set({ seeds: seedsFor(plan.seeds.length - 1, plan.seeds) })}>−</button>
            <output aria-live="polite">{plan.seeds.length}</output>
            <button type="button" aria-label="More versions" disabled={plan.seeds.length >= MostVersions} onClick={() => set({ seeds: seedsFor(plan.seeds.length + 1, plan.seeds) })}>+</button>
          </div>
        </div>}
        <div class="field" role="group" aria-label="Strengths">
          <span>Strengths <Hint>from “almost your photo” to “almost the sentence alone”</Hint></span>
          <div class="chips">
            {!plan.method && <button type="button" class="chip" aria-pressed={plan.search !== undefined} onClick={() => setStrengths(plan.search ? {} : { search: {} })}>found for you</button>}
            {strengthsOf(plan).map(eta => (
              <button key={eta} type="button" class="chip" aria-pressed={listed.includes(eta)} onClick={() => toggle(eta)}>{eta}</button>
            ))}
          </div>
        </div>
        <label class="field">
          <span>Keep out of the picture <Hint>may stay empty</Hint></span>
          <input type="text" maxLength={models.limits.textLength} value={settings.negativeText ?? ''} placeholder="blurry, extra legs" onInput={event => set({ negativeText: event.currentTarget.value })} />
        </label>
        <div class="option-row">
          <label class="field">
            <span>Model</span>
            <select aria-describedby={plan.about && 'model-about'} value={plan.model} onChange={event => dropRecipe({ model: event.currentTarget.value })}>
              {models.models.map(({ name }) => <option key={name} value={name}>{name}</option>)}
            </select>
          </label>
          <label class="field">
            <span>Recipe</span>
            <select value={plan.profile.name} onChange={event => change({ settings: { ...withoutRecipe(settings), profile: event.currentTarget.value } })}>
              {models.profiles.map(({ name }) => <option key={name} value={name}>{name}</option>)}
            </select>
          </label>
          {!plan.method && <label class="field">
            <span>Seed of learning</span>
            <input
              type="number" min={0} step={1} inputMode="numeric" value={settings.seed ?? plan.profile.settings.seed}
              onInput={event => { const seed = event.currentTarget.valueAsNumber; if (Number.isSafeInteger(seed) && seed >= 0) set({ seed }); }}
            />
          </label>}
        </div>
        <p class="soft small">Recipe “{plan.profile.name}”: {plan.profile.source}</p>
        {other.length > 0 && (
          <p class="small">Numbers of the restored edit: {other.join(', ')}. <button type="button" class="link" onClick={() => dropRecipe({ settings: { ...withoutRecipe(settings), profile: plan.profile.name } })}>Take the recipe’s</button></p>
        )}
      </fieldset>
      <p class="soft small">{work(plan)}</p>
    </details>
  );
}

const picturesIn = ({ pictures, search }: Plan) => search ? `up to ${pictures} pictures` : `${pictures} pictures`;

function work(plan: Plan): string {
  const { model, method, passes, allowed } = plan;
  const seconds = secondsPerPass(model);
  const time = seconds === undefined ? '' : ` At the speed of your last edit that takes ${about(passes * seconds)}.`;
  const share = allowed === undefined ? '' : ` It is ${Math.max(1, Math.round(100 * passes / allowed))} % of the work that one edit may take here.`;
  return `Makes ${picturesIn(plan)}, your photo ${method ? 'made anew' : 'as it was learnt'} among them.${time}${share}`;
}

function Hint({ children }: { children: ComponentChildren }) {
  return <span class="soft small">({children})</span>;
}
