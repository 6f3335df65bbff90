using Imagic.Runtime.Storage;

namespace Imagic.Functions.Edits;

/// <summary>What starting and looking at edits needs.</summary>
public static class EditServices
{
    /// <summary>Adds it.</summary>
    public static IServiceCollection AddEdits(this IServiceCollection services) => services
        .AddSingleton<EditRecords>()
        .AddSingleton<StageSender>()
        .AddSingleton<SourceStore>()
        .AddSingleton<EditStarter>();
}
