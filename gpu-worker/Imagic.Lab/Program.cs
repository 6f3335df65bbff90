using System.CommandLine;
using Imagic.Lab.Bench;
using Imagic.Lab.Cases;
using Imagic.Lab.DataSet;
using Imagic.Lab.EmojiEdBench;
using Imagic.Lab.Marks;
using Imagic.Lab.Parity;
using Imagic.Lab.Pull;
using Imagic.Lab.Soak;
using Imagic.Lab.Train;

var root = new RootCommand("Makes models for Imagic, and measures it.")
{
    DataSetCommand.Create(),
    TrainCommand.Create(),
    EvalCommand.Create(),
    ParityCommand.Create(),
    BenchCommand.Create(),
    SoakCommand.Create(),
    CasesCommand.Create(),
    MarksCommand.Create(),
    PullBenchCommand.Create(),
};

return await CommandLine.RunAsync(root, args);
