using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Imagic.Cli.Pictures;
using Imagic.Cli.Up;
using Imagic.Contracts.Edits;
using Imagic.Diffusion.Packages;
using Imagic.Editing.Checkpoints;
using Imagic.Editing.Stages;
using Imagic.Worker;

namespace Imagic.Cli.Edit;

/// <summary>The command line of <c>imagic edit</c>, and how it becomes settings.</summary>
internal sealed class EditArguments
{
    private const string Auto = "auto";

    public Argument<string?> Picture { get; } = new("picture") { Description = "JPEG, PNG, WebP, GIF, BMP or TIFF; not with --from", Arity = ArgumentArity.ZeroOrOne };

    public Argument<string?> Text { get; } = new("text") { Description = "The sentence that becomes true of the picture", Arity = ArgumentArity.ZeroOrOne };

    public Option<string?> From { get; } = new("--from") { Description = "Sample the tuning of this edit again: other strengths, seeds or another sentence, in seconds" };

    public Option<string> Out { get; } = new("--out", "-o") { Description = "Folder for the results and the checkpoints", DefaultValueFactory = _ => "edit" };

    public Option<string> Model { get; } = new("--model") { Description = "Model name or folder in the diffusers layout", DefaultValueFactory = _ => ModelFolders.Default };

    public Option<string?> Profile { get; } = new("--profile") { Description = $"Set of numbers to start from: {string.Join(", ", EditProfile.All.Keys.Order())}" };

    public Option<EditMethod?> Method { get; } = EnumOption.Create<EditMethod>("--method", "How pictures are made: imagic tunes the model, sdedit and ddib look quickly, in seconds");

    public Option<string?> Negative { get; } = new("--negative") { Description = "What to steer away from; with --method ddib what the source shows" };

    public Option<int?> OptimizeSteps { get; } = new("--optimize-steps") { Description = "Updates of the embedding" };

    public Option<double?> OptimizeRate { get; } = new("--optimize-lr") { Description = "Its learning rate" };

    public Option<int?> FineTuneSteps { get; } = new("--finetune-steps") { Description = "Updates of the UNet" };

    public Option<double?> FineTuneRate { get; } = new("--finetune-lr") { Description = "Its learning rate" };

    public Option<int?> SuperFineTuneSteps { get; } = new("--finetune-sr-steps") { Description = "Updates of a pixel cascade's super-resolution" };

    public Option<double?> SuperFineTuneRate { get; } = new("--finetune-sr-lr") { Description = "Its learning rate" };

    public Option<Tuning?> Tuning { get; } = EnumOption.Create<Tuning>("--tuning", "What is tuned: all of the UNet, its keys and values of the text, or products of low rank");

    public Option<int?> Rank { get; } = new("--rank") { Description = "Rank of those products" };

    public Option<Optimizer?> Optimizer { get; } = EnumOption.Create<Optimizer>("--optimizer", "How Adam keeps its moments while the UNet is tuned");

    public Option<int?> Batch { get; } = new("--batch") { Description = "Noises and timesteps per training step" };

    public Option<int?> Accumulate { get; } = new("--accumulate") { Description = "Parts in which a batch is computed, one after the other: less memory, more time" };

    public Option<double?> EarlyStop { get; } = new("--early-stop") { Description = "End a training stage once its mean loss over 50 steps falls by less than this share, e.g. 0.02" };

    public Option<string?> Eta { get; } = new("--eta") { Description = "Strengths to render, e.g. 0.6,0.7,0.8, or auto, which finds them: 0 is the source, 1 the text" };

    public Option<double?> Alignment { get; } = new("--alignment") { Description = "Of strengths that are found: what the suggested picture has to show of the text, 0 to 1; more is surer and further from the source" };

    public Option<string?> Blend { get; } = new("--blend") { Description = "Weight blends to render, e.g. 1,0.5; 1 is plain Imagic" };

    public Option<string?> Seeds { get; } = new("--seeds") { Description = "One picture per seed and strength, e.g. 1,2,3" };

    public Option<double?> Guidance { get; } = new("--guidance") { Description = "Classifier-free guidance scale" };

    public Option<int?> Steps { get; } = new("--steps") { Description = "Denoising steps" };

    public Option<int?> SampleBatch { get; } = new("--sample-batch") { Description = "Pictures denoised together" };

    public Option<SchedulerType?> Scheduler { get; } = EnumOption.Create<SchedulerType>("--scheduler", "Denoising schedule");

    public Option<int?> SuperSteps { get; } = new("--sr-steps") { Description = "Denoising steps of a pixel cascade's super-resolution" };

    public Option<double?> SuperGuidance { get; } = new("--sr-guidance") { Description = "Its guidance scale" };

    public Option<int?> NoiseLevel { get; } = new("--sr-noise-level") { Description = "Timestep up to which it gets the small picture made noisy" };

    public Option<SamplingVariance?> Variance { get; } = EnumOption.Create<SamplingVariance>("--variance", "Where a pixel cascade's DDPM takes its variance from");

    public Option<LatentMode?> Latent { get; } = EnumOption.Create<LatentMode>("--latent", "How the source latent is taken from the posterior");

    public Option<long?> Seed { get; } = new("--seed") { Description = "Seed of the training noise" };

    public Option<string?> Size { get; } = new("--size") { Description = "Working size WIDTHxHEIGHT; by default the model's own, with the picture's aspect" };

    public ComputeArguments Compute { get; } = new();

    public Option<int> Preview { get; } = new("--preview") { Description = "Save the current reconstruction every N training steps; 0 for never", DefaultValueFactory = _ => 25 };

    public Option<double> CheckpointSeconds { get; } = new("--checkpoint-every") { Description = "Seconds between checkpoints", DefaultValueFactory = _ => 60 };

    public Option<string?> StopAfter { get; } = new("--stop-after") { Description = "Stop with a checkpoint after STAGE:STEP, e.g. finetune:40" };

    public Option<bool> NoSafety { get; } = new(WorkerCommand.NoSafety) { Description = "Do not ask the model's safety checker which pictures are withheld" };

    public Option<bool> NoWatermark { get; } = new(WorkerCommand.NoWatermark) { Description = "Do not put the invisible watermark into the pictures" };

    public Option<bool> Direct { get; } = new("--direct") { Description = "Compute in this process instead of through the pipeline" };

    public Option<bool> NoPictures { get; } = TerminalPicture.SwitchOff();

    public ServerOption Server { get; } = new();

    private readonly LocalEnvironmentArguments _environment = new();

    public Command AddTo(Command command)
    {
        command.Add(Picture);
        command.Add(Text);
        Option[] options =
        [
            Direct, Server.Option, Out, From, Model, Method, Profile, Negative, Eta, Alignment, Blend, Seeds, Guidance, Steps, Scheduler, SampleBatch, OptimizeSteps, OptimizeRate,
            FineTuneSteps, FineTuneRate, SuperFineTuneSteps, SuperFineTuneRate, SuperSteps, SuperGuidance, NoiseLevel, Variance, Tuning, Rank, Optimizer,
            Batch, Accumulate, EarlyStop, Latent, Seed, Size, .. Compute.All, Preview, CheckpointSeconds, StopAfter, NoSafety, NoWatermark, NoPictures,
        ];
        foreach (var option in options) command.Add(option);
        _environment.AddTo(command, hidden: true);
        return command;
    }

    // A search goes where nobody says strengths. More pictures of a tuning are asked for by their strengths, or as they were.
    private bool IsSearch(ParseResult parsed) => parsed.GetValue(Eta) is { } eta
        ? eta == Auto
        : parsed.GetValue(From) is null && parsed.GetValue(Method) is null or EditMethod.Imagic;

    private StrengthSearchOverrides? Search(ParseResult parsed)
    {
        var alignment = parsed.GetValue(Alignment);
        if (IsSearch(parsed)) return new() { Alignment = alignment };
        return alignment is null ? null : throw new BadInputException($"--alignment is for strengths that are found. Leave it out, or give --eta {Auto}.");
    }

    /// <summary>What differs from the profile.</summary>
    public EditOverrides Overrides(ParseResult parsed) => new()
    {
        Profile = parsed.GetValue(Profile),
        Method = parsed.GetValue(Method),
        NegativeText = parsed.GetValue(Negative),
        Seed = parsed.GetValue(Seed),
        Latent = parsed.GetValue(Latent),
        Optimize = new()
        {
            Steps = parsed.GetValue(OptimizeSteps),
            LearningRate = parsed.GetValue(OptimizeRate),
            Batch = parsed.GetValue(Batch),
            EarlyStop = parsed.GetValue(EarlyStop),
            Accumulate = parsed.GetValue(Accumulate),
        },
        FineTune = new()
        {
            Steps = parsed.GetValue(FineTuneSteps),
            LearningRate = parsed.GetValue(FineTuneRate),
            Batch = parsed.GetValue(Batch),
            EarlyStop = parsed.GetValue(EarlyStop),
            Accumulate = parsed.GetValue(Accumulate),
            Tuning = parsed.GetValue(Tuning),
            Rank = parsed.GetValue(Rank),
            Optimizer = parsed.GetValue(Optimizer),
        },
        SuperResolution = SuperResolution(parsed),
        Etas = IsSearch(parsed) ? null : Numbers<double>(parsed, Eta),
        Search = Search(parsed),
        Blends = Numbers<double>(parsed, Blend),
        Seeds = Numbers<long>(parsed, Seeds),
        Guidance = parsed.GetValue(Guidance),
        Steps = parsed.GetValue(Steps),
        Scheduler = parsed.GetValue(Scheduler),
        SampleBatch = parsed.GetValue(SampleBatch),
    };

    // Only where something is said of it: other models have none.
    private SuperResolutionOverrides? SuperResolution(ParseResult parsed)
    {
        var given = new SuperResolutionOverrides
        {
            FineTune = (parsed.GetValue(SuperFineTuneSteps), parsed.GetValue(SuperFineTuneRate)) is var (steps, rate) && (steps ?? rate) is not null
                ? new() { Steps = steps, LearningRate = rate }
                : null,
            Guidance = parsed.GetValue(SuperGuidance),
            Steps = parsed.GetValue(SuperSteps),
            NoiseLevel = parsed.GetValue(NoiseLevel),
            Variance = parsed.GetValue(Variance),
        };
        return given == new SuperResolutionOverrides() ? null : given;
    }

    /// <summary>How to run it in this process.</summary>
    /// <param name="stages">Those that it has.</param>
    public DirectOptions DirectOptions(ParseResult parsed, IReadOnlyCollection<EditStage> stages)
    {
        StopPoint? stop = null;
        string[] names = [.. stages.Select(stage => stage.Name())];
        if (parsed.GetValue(StopAfter) is { } text)
            stop = StopPoint.TryParse(text, names, out var point) ? point : throw new BadInputException($"--stop-after takes STAGE:STEP with a stage of {string.Join(", ", names)}; got '{text}'.");
        var compute = Compute.Read(parsed);
        return new(
            new()
            {
                Memory = compute.Memory!,
                Checkpoints = new CheckpointPolicy.Fixed(TimeSpan.FromSeconds(parsed.GetValue(CheckpointSeconds))),
                PreviewInterval = parsed.GetValue(Preview),
                StopAfter = stop,
            },
            compute,
            !parsed.GetValue(NoSafety) && OperatorSwitch.IsOn(OperatorSwitch.Safety),
            !parsed.GetValue(NoWatermark) && OperatorSwitch.IsOn(OperatorSwitch.Watermark));
    }

    /// <summary>The pipeline that is started when none is up, with a worker that does what the command line says.</summary>
    public LocalEnvironmentOptions OwnEnvironment(ParseResult parsed, ModelPackage package)
    {
        Compute.Read(parsed);
        var environment = _environment.Options(parsed) with { WorkerArguments = WorkerArguments(parsed) };
        var folder = Path.GetFullPath(package.Folder);
        if (folder == ModelFolders.Find(package.Name, ModelFolders.Root)) return environment;
        environment = environment with { Models = package.Name };
        // Workers find a pulled one by its name.
        return folder == ModelFolders.Find(package.Name, null)
            ? environment
            : environment with { WorkerArguments = [.. environment.WorkerArguments, "--models", Path.GetDirectoryName(folder)!] };
    }

    /// <summary>Refuses what only makes sense in this process.</summary>
    public void RefuseDirectOptions(ParseResult parsed)
    {
        if (IsGiven(parsed, StopAfter))
            throw new BadInputException("--stop-after works in this process only. Add --direct, or leave it out.");
        if (Server.Given(parsed) is not null && WorkerArguments(parsed) is [var option, ..])
            throw new BadInputException($"{option} belongs to the workers, and those of --server have their own. Leave one of the two out, or compute here with --direct.");
    }

    /// <summary>Refuses what only makes sense with a pipeline.</summary>
    public void RefuseServerOptions(ParseResult parsed)
    {
        if (parsed.GetValue(From) is not null)
            throw new BadInputException("--from samples what a pipeline has tuned. Leave --direct out; a folder's own tuning is used again by giving --direct the same picture, sentence and training with another --eta, --blend or --seeds.");
        if (Server.Given(parsed) is not null) throw new BadInputException("--direct computes in this process, --server elsewhere. Leave one of the two out.");
    }

    // What was really typed, as the worker spells it.
    private string[] WorkerArguments(ParseResult parsed)
    {
        List<string> arguments = [];
        foreach (var option in (Option[])[.. Compute.All, Preview, CheckpointSeconds, NoSafety, NoWatermark])
        {
            if (!IsGiven(parsed, option)) continue;
            arguments.Add(option.Name);
            arguments.AddRange(parsed.GetResult(option)!.Tokens.Select(token => token.Value));
        }

        return [.. arguments];
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>The working size that was asked for.</summary>
    public WorkingSize? WorkingSize(ParseResult parsed)
    {
        if (parsed.GetValue(Size) is not { } text) return null;
        return text.Split('x') is [var w, var h] && int.TryParse(w, out var width) && int.TryParse(h, out var height) && width > 0 && height > 0
            ? new(width, height)
            : throw new BadInputException($"--size takes WIDTHxHEIGHT such as 512x768; got '{text}'.");
    }

    public static ImmutableArray<T>? Numbers<T>(ParseResult parsed, Option<string?> option)
        where T : struct, IParsable<T>
    {
        if (parsed.GetValue(option) is not { } text) return null;
        return [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)];

        T Parse(string item) => T.TryParse(item, null, out var value)
            ? value
            : throw new BadInputException($"{option.Name} takes numbers separated by commas; '{item}' is none.");
    }
}
