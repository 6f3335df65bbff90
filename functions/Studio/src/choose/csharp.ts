import type { EditView } from '../api/types';
import { overridesOf, samplingOf, sourceFileOf } from '../api/overrides';
import { ResultNames } from '../pictures/names';
import type { Cell } from './cells';

/** The same edit, or more pictures of the tuning that it samples, with the package Imagic.Client. */
export function csharpOf(view: EditView, address: string, withKey: boolean, picture?: Cell): string {
  const name = picture && !picture.withheld ? picture.name : ResultNames.suggested;
  const key = withKey ? ', FunctionKey = Environment.GetEnvironmentVariable("IMAGIC_KEY")' : '';
  return [
    'using Imagic.Client;',
    'using Imagic.Contracts.Edits;',
    'using Imagic.Contracts.Settings;',
    '',
    `using var client = new ImagicClient(new() { Address = new(${text(address)})${key} });`,
    ...(view.from ? again(view, view.from) : start(view)),
    'var ended = await client.WaitAsync(started.View.EditId);',
    '',
    `await using var result = await client.OpenResultAsync(ended.EditId, ${text(name)});`,
    'await using var file = File.Create("edited.png");',
    'await result.CopyToAsync(file);',
    '',
  ].join('\n');
}

function start(view: EditView): string[] {
  return [
    `await using var picture = File.OpenRead(${text(sourceFileOf(view))});`,
    'var started = await client.StartAsync(',
    `    new() { TargetText = ${text(view.settings.targetText)}, Model = ${text(view.model)}, Settings = ${literal(overridesOf(view))} },`,
    `    picture, ${text(sourceFileOf(view))});`,
  ];
}

function again(view: EditView, from: string): string[] {
  const { targetText, negativeText, sample } = view.settings;
  return [
    'var started = await client.SampleAsync(',
    `    EditId.Parse(${text(from)}),`,
    `    new() { TargetText = ${text(targetText)}, Settings = ${literal({ negativeText, ...samplingOf(sample) })} });`,
  ];
}

// Escapes of JSON are C#'s too; the line ends that only C# knows are escaped as well.
const text = (value: string) => JSON.stringify(value)
  .replace(/[\u0085\u2028\u2029]/g, end => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);

const upper = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

// JSON of settings as the object that it is read to: members are called alike, but for case.
function literal(value: unknown, member = ''): string {
  if (Array.isArray(value)) return `[${value.map(item => literal(item)).join(', ')}]`;
  if (typeof value === 'string') return member in Enums ? `${Enums[member]}.${Members[value] ?? upper(value)}` : text(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const members = Object.entries(value).filter(([, inner]) => inner !== null && inner !== undefined);
  return `new() { ${members.map(([name, inner]) => `${upper(name)} = ${literal(inner, name)}`).join(', ')} }`;
}

const Enums: Record<string, string> = {
  method: 'EditMethod', scheduler: 'SchedulerType', latent: 'LatentMode', tuning: 'Tuning', optimizer: 'Optimizer', variance: 'SamplingVariance',
};

// Those that are written otherwise in JSON.
const Members: Record<string, string> = {
  sdedit: 'SdEdit', kv: 'KeysAndValues', adamw: 'AdamW', adamw8bit: 'AdamW8Bit', fixed_small: 'FixedSmall', learned_range: 'LearnedRange',
};
