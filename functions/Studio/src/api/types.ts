// What the API says, as far as the page reads it: /api/openapi.json has the whole.

export type Stage = 'optimize' | 'finetune' | 'finetune-sr' | 'sample';
/** How pictures are made; those but Imagic learn nothing. */
export type Method = 'imagic' | 'sdedit' | 'ddib';
export type State = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

export const hasEnded = (state: State) => state === 'succeeded' || state === 'failed' || state === 'cancelled';

export interface Progress {
  stage: Stage;
  step: number;
  steps: number;
  loss?: number;
  stepsPerSecond?: number;
  secondsLeft?: number;
  /** Name for the results endpoint. */
  preview?: string;
}

export interface Descent {
  steps: number;
  learningRate: number;
  batch: number;
  accumulate?: number;
  earlyStop?: { minImprovement: number };
  tuning?: string;
  rank?: number;
  optimizer?: string;
}

export interface Sampling {
  /** Absent for Imagic. */
  method?: Method;
  seeds: number[];
  /** Without 0, which is always rendered. */
  etas: number[];
  /** Where strengths were found, not listed. */
  search?: { renders: number; steps: number };
  blends: number[];
  guidance: number;
  steps: number;
  scheduler: string;
  batch: number;
}

export interface Strength { eta: number; blend: number }

export interface Settings {
  targetText: string;
  negativeText: string;
  tuned?: { targetText: string; negativeText: string };
  profile: string;
  optimize: Descent;
  fineTune: Descent;
  sample: Sampling;
  superResolution?: { fineTune: Descent; guidance: number; steps: number; noiseLevel?: number; variance?: string };
  suggested: Strength;
  latent: string;
  seed: number;
}

export interface StageStatus { stage: Stage; done: boolean; step: number; seconds: number; resumes: number; checkpoints: number }

export interface Problem { code: string; message: string; stage?: Stage }

export interface BatchReference { name: string; run: string; line: number }

export interface EditView {
  editId: string;
  sequence: number;
  state: State;
  cancelRequested: boolean;
  deleteRequested: boolean;
  created: string;
  ended?: string;
  model: string;
  settings: Settings;
  cost?: { used: number; allowed?: number };
  source: { name: string; sha256: string; bytes: number; format: string; width: number; height: number };
  from?: string;
  tuningBytes?: number;
  batch?: BatchReference;
  stage: Stage;
  progress?: Progress;
  beside?: Progress;
  stages: StageStatus[];
  resumes: number;
  error?: Problem;
  notices: string[];
  withheld: string[];
}

export interface EditSummary {
  editId: string;
  state: State;
  cancelRequested: boolean;
  created: string;
  ended?: string;
  model: string;
  targetText: string;
  stage?: Stage;
  progress?: Progress;
  error?: string;
  batch?: BatchReference;
  /** The edit whose tuning it samples again. */
  from?: string;
}

export interface EditList { edits: EditSummary[]; continuation?: string; unreadable?: string[] }

/** A file with an address of its own, which is good for some minutes and needs no key. */
export interface ResultFile { name: string; length: number; sha256: string; url: string }

export interface Results {
  editId: string;
  files: ResultFile[];
  /** Names of the pictures that are suggested, one of each version, the best first. */
  suggested: string[];
  /** Names of those that were made in few steps. */
  drafts: string[];
  expires: string;
}

export interface Link { url: string; expires: string }

export interface Ticket { name: string; url: string; expires: string }

export interface Model {
  name: string;
  isDefault: boolean;
  /** The profile that it takes when none is named. */
  profile: string;
  /** Pixels of the square that it was trained on. */
  side: number;
  /** Sentences that suit it; may be empty. */
  examples: string[];
  /** What it knows, in a sentence, where that is not everything. */
  about?: string;
}

export interface Profile {
  name: string;
  /** Where its numbers come from. */
  source: string;
  settings: Settings;
  /** Pixels of the square that its models were trained on. */
  side: number;
}

export interface Models {
  models: Model[];
  profiles: Profile[];
  limits: { pictures: number; textLength: number; uploadBytes: number; passes?: number };
}

/** What a start takes over a profile; absent members keep the profile's. */
export interface Overrides {
  profile?: string;
  method?: Method;
  negativeText?: string;
  seed?: number;
  etas?: number[];
  /** Finds strengths up to the largest of those; what is absent is the service's. */
  search?: { renders?: number; steps?: number; alignment?: number };
  blends?: number[];
  seeds?: number[];
  guidance?: number;
  steps?: number;
  scheduler?: string;
  sampleBatch?: number;
  latent?: string;
  optimize?: DescentOverrides;
  fineTune?: DescentOverrides;
  superResolution?: { fineTune?: DescentOverrides; guidance?: number; steps?: number; noiseLevel?: number; variance?: string };
}

/** An early stop is told with its window, and asked for by its share alone. */
export type DescentOverrides = Partial<Omit<Descent, 'earlyStop'>> & { earlyStop?: number };

/** Pixels. */
export interface Size { width: number; height: number }

export interface StartRequest { targetText: string; source: string; model?: string; settings?: Overrides; size?: Size }

export interface SampleRequest { targetText?: string; settings?: Overrides }

export interface BatchSummary { name: string; created: string; lines: number; started: number; refused: number; ended: boolean }

export interface BatchList { batches: BatchSummary[]; continuation?: string }

/** RFC 9457, as every refusal comes. */
export interface ProblemDetails { type?: string; title: string; status: number; detail: string; code: string; member?: string }

export interface AcceptedLine { line: number; editId: string; source: string; targetText: string }

export interface RejectedLine { line: number; code: string; message: string }

export interface EndedLine { line: number; editId: string; targetText: string; state: State; seconds: number; results?: string; message?: string }

export interface BatchView {
  report: { manifest: string; run: string; created: string; accepted: AcceptedLine[]; rejected: RejectedLine[] };
  /** Absent until the last edit has ended. */
  summary?: { ended: string; succeeded: number; failed: number; cancelled: number; rejected: number; edits: EndedLine[] };
}

export type MarkLayer = 'content-credentials' | 'xmp' | 'settings' | 'watermark';
export type MarkCertainty = 'signed' | 'broken' | 'measured' | 'claimed';

export interface MarkFinding {
  layer: MarkLayer;
  certainty: MarkCertainty;
  saysAi: boolean;
  says: string;
  signer?: string;
  time?: string;
  problems: string[];
}

/** What a picture carries of its origin. */
export interface MarksReport { format: string; width: number; height: number; summary: string; findings: MarkFinding[]; foundAi: boolean }
