using System.Diagnostics.CodeAnalysis;
using Azure;
using Azure.Core;

namespace Imagic.Storage.Tests;

/// <summary>An answer without a service.</summary>
internal sealed class CannedResponse(int status) : Response
{
    public override int Status => status;

    public override string ReasonPhrase => $"Status {status}";

    public override Stream? ContentStream { get; set; } = new MemoryStream();

    public override string ClientRequestId { get; set; } = "";

    public override void Dispose() => ContentStream?.Dispose();

    protected override bool ContainsHeader(string name) => false;

    protected override IEnumerable<HttpHeader> EnumerateHeaders() => [];

    protected override bool TryGetHeader(string name, [NotNullWhen(true)] out string? value)
    {
        value = null;
        return false;
    }

    protected override bool TryGetHeaderValues(string name, [NotNullWhen(true)] out IEnumerable<string>? values)
    {
        values = null;
        return false;
    }
}
