import { useEffect, useRef } from 'preact/hooks';
import { change, draft, models, sending, wrong } from './draft';
import { GeneralExamples, type Plan } from './plan';

// More would push what follows off a phone.
const MostExamples = 4;

/** What the photo should show. */
export function Sentence({ plan }: { plan: Plan | null }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const model = models.value?.models.find(other => other.name === plan?.model);
  const examples = (model && model.examples.length > 0 ? model.examples : GeneralExamples).slice(0, MostExamples);
  const problem = wrong.value?.part === 'text' ? wrong.value.words : null;
  const isBusy = sending.value !== null;
  // Where somebody goes on: not on touch screens, whose keyboard would hide the photo.
  useEffect(() => { if (matchMedia('(hover: hover)').matches) field.current!.focus({ preventScroll: true }); }, []);
  return (
    <section class="sentence">
      <label class="sentence-label" for="sentence"><h1>What should it show?</h1></label>
      <textarea
        ref={field} id="sentence" data-part="text" rows={2} value={draft.value.targetText} placeholder={`For example: ${examples[0]}`} disabled={isBusy}
        aria-describedby="sentence-hint sentence-problem" aria-invalid={problem !== null} enterkeyhint="go"
        onInput={event => change({ targetText: event.currentTarget.value.replace(/[\r\n]+/g, ' ') })}
        onKeyDown={event => {
          if (event.key !== 'Enter' || event.isComposing) return;
          event.preventDefault();
          event.currentTarget.form!.requestSubmit();
        }}
      />
      <p id="sentence-problem" class="problem" role="alert">{problem}</p>
      <p id="sentence-hint" class="soft">Describe the whole picture after the change, in a short sentence.</p>
      {plan?.about && <p id="model-about" class="note small">{`${plan.model}: ${plan.about}`}</p>}
      <div class="chips" role="group" aria-label="Examples">
        {examples.map(example => (
          <button
            key={example} type="button" class="chip" disabled={isBusy}
            onClick={() => { change({ targetText: example }); field.current!.focus(); }}
          >{example}</button>
        ))}
      </div>
    </section>
  );
}
