using System.CommandLine;
using System.CommandLine.Parsing;

namespace Imagic.Worker;

/// <summary>Options that take a value of an enum, spelled as everywhere outside the program.</summary>
public static class EnumOption
{
    /// <summary>An option without a default. Upper and lower case are the same.</summary>
    public static Option<T?> Create<T>(string name, string description)
        where T : struct, Enum => new(name)
        {
            Description = description,
            HelpName = string.Join('|', EnumNames.All<T>()),
            CustomParser = Parse<T>,
        };

    private static T? Parse<T>(ArgumentResult result)
        where T : struct, Enum
    {
        var typed = result.Tokens[0].Value;
        var name = EnumNames.All<T>().FirstOrDefault(name => name.Equals(typed, StringComparison.OrdinalIgnoreCase));
        if (EnumNames.TryParse<T>(name, out var value)) return value;
        result.AddError($"{((OptionResult)result.Parent!).Option.Name} takes {EnumNames.List<T>()}; got '{typed}'.");
        return null;
    }
}
