namespace Imagic.Worker.Models.Hub;

/// <summary>Which hub is asked, as whom, and how.</summary>
public sealed record HubOptions
{
    private const string AddressVariable = "HF_ENDPOINT";

    /// <summary>An address with Hugging Face's HTTP interface; it ends with '/'.</summary>
    public Uri Address { get; init; } = new("https://huggingface.co/");

    /// <summary>Who asks; null asks as nobody. It is sent to <see cref="Address"/> alone, not to where that leads.</summary>
    public string? Token { get; init; }

    /// <summary>How long nothing may come before it counts as broken.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>What one connection fetches of a file at a time.</summary>
    public long ChunkBytes { get; init; } = 64 << 20;

    /// <summary>Chunks that are fetched side by side.</summary>
    public int Connections { get; init; } = 8;

    /// <summary>Reads the variables and the token file that the hub's own tools use.</summary>
    /// <param name="address">Instead of <c>HF_ENDPOINT</c>.</param>
    /// <exception cref="BadInputException">The address is none.</exception>
    public static HubOptions FromEnvironment(string? address = null)
    {
        var options = new HubOptions { Token = FindToken() };
        address = Given(address) ?? Given(Environment.GetEnvironmentVariable(AddressVariable));
        if (address is null) return options;
        return Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Fragment.Length == 0 && uri.Query.Length == 0
            ? options with { Address = new(uri.AbsoluteUri.TrimEnd('/') + '/') }
            : throw new BadInputException($"'{address}' is no address of a hub; one is https://huggingface.co. It comes from --hub or the variable {AddressVariable}.");
    }

    private static string? FindToken()
    {
        if (Given(Environment.GetEnvironmentVariable("HF_TOKEN")) is { } token) return token;
        var cache = Given(Environment.GetEnvironmentVariable("XDG_CACHE_HOME"))
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        var home = Given(Environment.GetEnvironmentVariable("HF_HOME")) ?? Path.Combine(cache, "huggingface");
        var file = Given(Environment.GetEnvironmentVariable("HF_TOKEN_PATH")) ?? Path.Combine(home, "token");
        try
        {
            return File.Exists(file) ? Given(File.ReadAllText(file)) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The token in {file} cannot be read: {exception.Message}", exception);
        }
    }

    private static string? Given(string? text) => text?.Trim() is { Length: > 0 } trimmed ? trimmed : null;
}
