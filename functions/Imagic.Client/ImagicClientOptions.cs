namespace Imagic.Client;

/// <summary>Where the API is, and how it is called.</summary>
public sealed class ImagicClientOptions
{
    /// <summary>Address of the service, without <c>/api</c>: <c>https://name.azurewebsites.net</c>, or <c>http://127.0.0.1:7071</c>.</summary>
    public Uri? Address { get; set; }

    /// <summary>Function key, where the service asks for one. It goes to the API alone, never to where pictures are.</summary>
    public string? FunctionKey { get; set; }

    /// <summary>Longest time of one attempt at a call, its answer included.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>Pause between two looks at an edit or a batch where the service does not wait itself; null takes what it asks for.</summary>
    public TimeSpan? PollInterval { get; set; }

    internal Uri Api
    {
        get
        {
            if (Address is not { IsAbsoluteUri: true, Scheme: "http" or "https" } address)
                throw new ArgumentException($"{nameof(ImagicClientOptions)}.{nameof(Address)} must be an address such as https://name.azurewebsites.net; it is '{Address}'.");
            return new(new Uri(address.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/"), "api/");
        }
    }
}
