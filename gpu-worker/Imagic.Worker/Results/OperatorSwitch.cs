namespace Imagic.Worker.Results;

/// <summary>What an operator turns off for a worker by an environment variable.</summary>
public static class OperatorSwitch
{
    /// <summary>The model's safety checker.</summary>
    public const string Safety = "IMAGIC_SAFETY";

    /// <summary>The watermark in the pixels of results.</summary>
    public const string Watermark = "IMAGIC_WATERMARK";

    /// <summary>Whether it is on, as the variable says.</summary>
    /// <exception cref="BadInputException">It says neither.</exception>
    public static bool IsOn(string variable) => Parse(variable, Environment.GetEnvironmentVariable(variable));

    internal static bool Parse(string variable, string? value) => value switch
    {
        null or "" or "on" => true,
        "off" => false,
        _ => throw new BadInputException($"{variable} takes on or off; got '{value}'."),
    };
}
