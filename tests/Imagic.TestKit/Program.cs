using System.CommandLine;
using Imagic.Contracts;
using Imagic.Contracts.Settings;
using Imagic.Editing.Stages;
using Imagic.TestKit;
using Imagic.Worker;
using Microsoft.Extensions.DependencyInjection;

// Imagic.TestKit STAGE:STEP [worker options]: a worker that dies there.
if (args is not [var point, ..] || !StopPoint.TryParse(point, EnumNames.All<EditStage>(), out var stopPoint)) throw new ArgumentException("The first argument is STAGE:STEP.");
var root = WorkerCommand.AddTo(new RootCommand(), services => services.AddSingleton<IProgress<StageEvent>>(new KillAfter(stopPoint)));
return await root.Parse(args[1..]).InvokeAsync();
