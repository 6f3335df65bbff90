using System.CommandLine;
using Imagic.Contracts;
using Imagic.Contracts.Settings;
using Imagic.Editing.Stages;
using Imagic.TestKit;
using Imagic.Worker;
using Microsoft.Extensions.DependencyInjection;

// Imagic.TestKit STAGE:STEP [stay] [worker options]: a worker that dies there, or never gets any further.
if (args is not [var point, .. var rest] || !StopPoint.TryParse(point, EnumNames.All<EditStage>(), out var stopPoint)) throw new ArgumentException("The first argument is STAGE:STEP.");
var stays = rest is [StayAt.Argument, ..];
var root = WorkerCommand.AddTo(
    new RootCommand(), services => services.AddSingleton<IProgress<StageEvent>>(stays ? new StayAt(stopPoint) : new KillAfter(stopPoint)));
return await root.Parse(rest[(stays ? 1 : 0)..]).InvokeAsync(new() { ProcessTerminationTimeout = null });
