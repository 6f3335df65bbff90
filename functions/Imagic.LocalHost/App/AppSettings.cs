using System.Text.RegularExpressions;

namespace Imagic.LocalHost.App;

/// <summary>The settings of the app: those given to the host, then the host's own environment.</summary>
internal sealed partial class AppSettings(IReadOnlyDictionary<string, string> given)
{
    /// <summary>Value of a setting; null when there is none.</summary>
    public string? Find(string name) => given.GetValueOrDefault(name) ?? Environment.GetEnvironmentVariable(name);

    /// <summary>Puts the values of settings in the place of <c>%NAME%</c>.</summary>
    /// <param name="text">What may hold names.</param>
    /// <param name="file">Where it is from, for the error.</param>
    /// <exception cref="FunctionAppException">There is no such setting.</exception>
    public string Expand(string text, string file) => Name().Replace(text, match =>
        Find(match.Groups[1].Value) ?? throw new FunctionAppException(
            $"{file} uses the setting %{match.Groups[1].Value}%, which is not set. Give it to the host, or set the environment variable."));

    [GeneratedRegex("%([A-Za-z0-9_.:-]+)%")]
    private static partial Regex Name();
}
