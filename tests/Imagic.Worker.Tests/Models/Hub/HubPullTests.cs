using System.Net;
using System.Text;
using Imagic.Contracts;
using Imagic.Diffusion.Packages;
using Imagic.Tests;
using Imagic.Worker.Models.Hub;
using Microsoft.AspNetCore.Http;

namespace Imagic.Worker.Tests.Models.Hub;

/// <summary>A package comes whole and as the hub names it, or not at all; what was fetched is not fetched again.</summary>
public class HubPullTests
{
    private const string Unet = "unet/diffusion_pytorch_model.safetensors";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pull_GivesTheSamePackage_AndRecordsWhereItIsFrom()
    {
        await using var place = await HubPlace.StartAsync();
        place.Hub.About = """ "gated": "auto", "cardData": { "license": ["openrail", "mit"], "license_link": "https://example.com/LICENSE" } """;
        var plan = await place.PlanAsync();

        var pulled = await place.PullAsync(plan);

        await WholeAsync(place);
        Assert.Equal(plan.Files.Select(file => file.Path).Concat(["hub.json", "model_index.json"]).Order(StringComparer.Ordinal), PathsIn(place.Home));
        Assert.Equal(["micro"], Directory.EnumerateFileSystemEntries(place.Root).Select(Path.GetFileName).Where(name => name != ".micro.lock"));
        var record = HubRecord.Find(place.Home)!;
        Assert.Equal(
            (place.Hub.Address, HubPlace.Name, plan.Model.Commit, "openrail, mit", "https://example.com/LICENSE", "auto"),
            (record.Hub, record.Name, record.Commit, record.License, record.LicenseLink, record.Gated));
        Assert.Equal((pulled.Record.Commit, false), (record.Commit, pulled.WasThere));
        // Large files come in parts.
        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"bytes={i * 100_000}-{Math.Min((i + 1) * 100_000, 825_344) - 1}"), RangesOf(place, Unet).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("sd2-micro")]
    [InlineData("sdxl-micro")]
    public async Task Pull_OfEachFamily_BringsAllThatItIsReadFrom(string fixture)
    {
        await using var place = await HubPlace.StartAsync(publish: false);
        place.Hub.Publish(HubPlace.Name, RepositoryFiles.Fixture(fixture));

        var pulled = await place.PullAsync();

        Assert.Equal(await ModelPackage.Open(RepositoryFiles.Fixture(fixture)).HashAsync(Token), await pulled.Package.HashAsync(Token));
    }

    [Fact]
    public async Task Pull_OfACascade_MakesOnePackage_WithoutWhatIsNotRead_AndGoesOnWhereItWas()
    {
        await using var place = await HubPlace.StartAsync(publish: false);
        place.PublishCascade();
        var plan = await place.PlanCascadeAsync("owner/one", "owner/two");
        place.Hub.Sending = (_, _) => Task.FromResult(place.Hub.Served < 1_500_000);
        await Assert.ThrowsAsync<HubException>(() => place.PullAsync(plan));
        Assert.False(Directory.Exists(place.Home));
        var kept = PartBytes(place);
        await place.MoveAsync();

        var pulled = await place.PullAsync(plan);

        Assert.InRange(kept, 1, plan.Bytes - 1);
        Assert.Equal(plan.Bytes - kept, place.Hub.Served);
        Assert.Equal(ModelFamily.PixelCascade, pulled.Package.Family);
        Assert.All(pulled.Package.Verify().Components, component => Assert.Null(component.Problem));
        var fixture = RepositoryFiles.Fixture("if-cascade");
        string[] files = [.. PathsIn(fixture).Where(path => path.StartsWith("stage_", StringComparison.Ordinal))];
        Assert.Equal(files.Prepend("hub.json"), PathsIn(place.Home));
        foreach (var path in files.Where(path => !path.EndsWith("model_index.json", StringComparison.Ordinal)))
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(fixture, path), Token), await File.ReadAllBytesAsync(Path.Combine(place.Home, path), Token));
        var record = HubRecord.Find(place.Home)!;
        Assert.Equal(("owner/one", $"owner/two@{plan.SuperResolution!.Model.Commit}"), (record.Name, record.SuperResolution));
        Assert.True((await place.PullAsync(plan)).WasThere);
        place.PublishCascade("owner/one", "stranger/two");
        var other = await place.PlanCascadeAsync("owner/one", "stranger/two");
        Assert.Contains("is taken by 'owner/one' and 'owner/two'", (await Assert.ThrowsAsync<BadInputException>(() => place.PullAsync(other))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_OfWhatIsThere_FetchesNothing_AndOfAnotherCommitReplacesIt()
    {
        await using var place = await HubPlace.StartAsync();
        var first = await place.PullAsync();
        var served = place.Hub.Served;

        var again = await place.PullAsync();

        Assert.Equal((true, first.Record.Commit), (again.WasThere, again.Record.Commit));
        Assert.InRange(place.Hub.Served - served, 1, 1000); // the index
        place.Hub.Publish(HubPlace.Name, HubPlace.Fixture, new Dictionary<string, byte[]?> { ["README.md"] = "# new"u8.ToArray() });
        var other = await place.PullAsync();
        Assert.NotEqual(first.Record.Commit, other.Record.Commit);
        Assert.Equal("# new", await File.ReadAllTextAsync(Path.Combine(place.Home, "README.md"), Token));
        Assert.Equal(["micro"], Directory.EnumerateDirectories(place.Root).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("main", 0)]
    [InlineData("refs/pr/1", 1)]
    public async Task Pull_WhileTheBranchMovesOn_StaysAtTheCommitOfItsStart(string branch, int after)
    {
        await using var place = await HubPlace.StartAsync();
        var commit = place.Hub.Publish(HubPlace.Name, HubPlace.Fixture, branch: branch);
        var plan = await place.PlanAsync($"{HubPlace.Name}@{branch}");
        var resolved = 0;
        place.Hub.Before = (context, ofCdn) =>
        {
            if (!ofCdn && Interlocked.Increment(ref resolved) > after)
                place.Hub.Publish(HubPlace.Name, RepositoryFiles.Fixture("sd2-micro"), branch: branch);
            return Task.FromResult(false);
        };

        await place.PullAsync(plan);

        await WholeAsync(place);
        Assert.All(place.Hub.Requests.Where(request => request.Path.Contains("/resolve/", StringComparison.Ordinal)), request => Assert.Contains(commit, request.Path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Pull_WithAToken_ShowsItToTheHubAlone()
    {
        await using var place = await HubPlace.StartAsync();
        place.Options = place.Options with { Token = "hf_secret" };

        await place.PullAsync();

        Assert.All(place.Hub.Requests, request => Assert.Equal(request.OfCdn ? null : "Bearer hf_secret", request.Authorization));
        Assert.Contains(place.Hub.Requests, request => request.OfCdn);
    }

    [Fact]
    public async Task Pull_OfAModelThatWasRenamed_FollowsItWithTheToken()
    {
        await using var place = await HubPlace.StartAsync();
        place.Options = place.Options with { Token = "hf_secret" };
        place.Hub.Before = (context, _) =>
        {
            if (!context.Request.Path.Value!.Contains("old/name", StringComparison.Ordinal)) return Task.FromResult(false);
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = context.Request.Path.Value.Replace("old/name", HubPlace.Name, StringComparison.Ordinal) + context.Request.QueryString;
            return Task.FromResult(true);
        };

        await place.PullAsync(await place.PlanAsync("old/name"));

        await WholeAsync(place);
        Assert.Equal(HubPlace.Name, HubRecord.Find(place.Home)!.Name);
        Assert.All(place.Hub.Requests.Where(request => !request.OfCdn), request => Assert.Equal("Bearer hf_secret", request.Authorization));
    }

    [Theory]
    [InlineData(429, "RateLimit", "\"resolvers\";r=0;t=7")]
    [InlineData(429, "Retry-After", "7")]
    [InlineData(503, "Retry-After", "7")]
    public async Task Pull_ThatIsToldToWait_WaitsAsLong(int status, string header, string value)
    {
        await using var place = await HubPlace.StartAsync();
        var answers = 0;
        place.Hub.Before = (context, ofCdn) =>
        {
            if (Interlocked.Increment(ref answers) != 1) return Task.FromResult(false);
            (context.Response.StatusCode, context.Response.Headers[header]) = (status, value);
            return Task.FromResult(true);
        };

        await place.PullAsync();

        await WholeAsync(place);
        Assert.Equal([TimeSpan.FromSeconds(7)], place.Time.Waits);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("stalled")]
    [InlineData("slow")]
    public async Task Pull_WhoseConnectionsFail_GoesOnWhereTheyWere(string how)
    {
        await using var place = await HubPlace.StartAsync();
        place.Options = place.Options with { ChunkBytes = 1 << 30, Patience = TimeSpan.FromSeconds(1) };
        var failures = 0;
        place.Hub.Sending = async (context, sent) =>
        {
            if (sent == 0 || !context.Request.Path.Value!.StartsWith('/') || context.Response.ContentLength < 500_000) return true;
            if (how == "slow") await Task.Delay(100, context.RequestAborted);
            else if (Interlocked.Increment(ref failures) > 2) return true;
            else if (how == "stalled") await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return how != "cut";
        };

        await place.PullAsync();

        await WholeAsync(place);
        var starts = RangesOf(place, Unet).Select(range => range is null ? 0 : long.Parse(range.Split('=', '-')[1], null)).ToArray();
        if (how == "slow") Assert.Equal([0], starts);
        else Assert.True(starts is [0, > 0, > 0 and var last] && last > starts[1], string.Join(' ', starts));
    }

    [Fact]
    public async Task Pull_ThatFailed_IsGoneOnWith_WithoutAByteTwice()
    {
        await using var place = await HubPlace.StartAsync();
        var plan = await place.PlanAsync();
        place.Hub.Sending = (_, _) => Task.FromResult(place.Hub.Served < 600_000);
        var failure = await Assert.ThrowsAsync<HubException>(() => place.PullAsync(plan));
        Assert.Equal((HubException.Unreachable, false), (failure.Code, Directory.Exists(place.Home)));
        var kept = PartBytes(place);
        await place.MoveAsync();

        await place.PullAsync(plan);

        await WholeAsync(place);
        Assert.InRange(kept, 1, plan.Bytes - 1);
        Assert.Equal(plan.Bytes - kept, place.Hub.Served);
    }

    [Fact]
    public async Task Pull_WhoseKeptBytesWereLost_FetchesThatFileAgain()
    {
        await using var place = await HubPlace.StartAsync();
        var plan = await place.PlanAsync();
        place.Hub.Sending = (_, _) => Task.FromResult(place.Hub.Served < 600_000);
        await Assert.ThrowsAsync<HubException>(() => place.PullAsync(plan));
        place.Hub.Sending = null;
        foreach (var part in Directory.EnumerateFiles(place.Root, "*.part", SearchOption.AllDirectories)) await File.WriteAllBytesAsync(part, new byte[new FileInfo(part).Length], Token);

        await place.PullAsync(plan);

        await WholeAsync(place);
    }

    [Fact]
    public async Task Pull_WhoseConnectionsAlwaysBreak_ComesToItsEnd_AsLongAsEachBringsSomething()
    {
        await using var place = await HubPlace.StartAsync(new Dictionary<string, byte[]?> { ["README.md"] = new byte[12_000_000] });
        place.Options = place.Options with { ChunkBytes = 1 << 30 };
        place.Hub.Sending = (_, sent) => Task.FromResult(sent < 2_000_000);

        await place.PullAsync();

        await WholeAsync(place);
        Assert.True(RangesOf(place, "README.md").Count() > 5);
    }

    [Theory]
    [InlineData("GatedRepo", 401, null, "accepted the terms")]
    [InlineData("GatedRepo", 403, "hf_other", "the present token is of nobody who has")]
    [InlineData("RepoNotFound", 401, null, "There is no model 'owner/micro'")]
    [InlineData("RepoNotFound", 404, "hf_other", "that the token may read it")]
    [InlineData("RevisionNotFound", 404, null, "no revision 'v9'")]
    [InlineData("", 401, "hf_wrong", "does not accept the token")]
    [InlineData("", 403, "hf_other", "It says: You have been banned.")]
    [InlineData("", 404, null, "There is no model 'owner/micro'")]
    public async Task Pull_ThatTheHubRefuses_SaysWhyAndWhatToDo(string code, int status, string? token, string word)
    {
        await using var place = await HubPlace.StartAsync();
        place.Options = place.Options with { Token = token };
        place.Hub.Before = async (context, _) =>
        {
            if (code.Length > 0) await LocalHub.FailAsync(context, status, code);
            else (context.Response.StatusCode, context.Response.Headers["X-Error-Message"]) = (status, "You have been banned.");
            return true;
        };

        var refusal = await Assert.ThrowsAsync<HubException>(() => place.PlanAsync($"{HubPlace.Name}@v9"));

        Assert.Contains(word, refusal.Message, StringComparison.Ordinal);
        Assert.Equal((FaultKind.BadInput, 1), (refusal.Kind, place.Hub.Requests.Count));
        if (code == "GatedRepo") Assert.Contains($"{place.Hub.Address}owner/micro", refusal.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        { "web page", HubException.Refused, "answers with a web page" },
        { "web page of the CDN", HubException.Refused, "answers with a web page" },
        { "nonsense", HubException.Refused, "does not answer as a hub does" },
        { "redirect loop", HubException.Refused, "from one address to the next" },
        { "file that is gone", HubException.Missing, "does not have its file" },
        { "other hash", HubException.Changed, "the hub names" },
        { "other etag", HubException.Changed, "X-Linked-Etag" },
        { "other size", HubException.Changed, "bytes, the hub names" },
        { "416", HubException.Changed, "shorter than the hub says" },
        { "busy", HubException.Busy, "has no time" },
        { "refusing CDN", HubException.Refused, "refuses" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Pull_FromAHubAtFault_SaysSo_LeavesNoPackage_AndLaterGoesWell(string fault, string code, string word)
    {
        await using var place = await HubPlace.StartAsync();
        place.Hub.Before = (context, ofCdn) => AnswerAsync(context, ofCdn, fault);

        var failure = await Assert.ThrowsAsync<HubException>(() => place.PullAsync());

        Assert.Equal(code, failure.Code);
        Assert.Contains(word, failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(place.Home));
        place.Hub.Before = null;
        await place.PullAsync();
        await WholeAsync(place);
    }

    [Fact]
    public async Task Pull_FromACdnThatKnowsNoRanges_StillComesWhole()
    {
        await using var place = await HubPlace.StartAsync();
        place.Hub.Before = (context, _) =>
        {
            context.Request.Headers.Remove("Range");
            return Task.FromResult(false);
        };

        await place.PullAsync();

        await WholeAsync(place);
    }

    [Fact]
    public async Task Pull_Offline_SaysSoAtOnce()
    {
        await using var place = await HubPlace.StartAsync();
        place.Options = place.Options with { Address = new($"http://127.0.0.1:{LocalHost.Azurite.AzuriteProcess.FreePort()}/") };

        var failure = await Assert.ThrowsAsync<HubException>(() => place.PlanAsync());

        Assert.Equal((HubException.Unreachable, FaultKind.Failed), (failure.Code, failure.Kind));
        Assert.Contains("Is this machine online?", failure.Message, StringComparison.Ordinal);
        Assert.Empty(place.Time.Waits);
    }

    [Fact]
    public async Task Pull_OfMoreThanTheDiskHolds_SaysHowMuchBeforeItFetches()
    {
        await using var place = await HubPlace.StartAsync();
        var plan = await place.PlanAsync();
        plan = plan with { Files = [.. plan.Files.Select(file => file.Path == Unet ? file with { Length = 1L << 50 } : file)] };
        place.Options = place.Options with { ChunkBytes = 1L << 48 };
        var served = place.Hub.Served;

        var failure = await Assert.ThrowsAsync<MachineException>(() => place.PullAsync(plan));

        Assert.Contains("1125899907 MB are to be fetched", failure.Message, StringComparison.Ordinal);
        Assert.Equal(served, place.Hub.Served);
    }

    [Fact]
    public async Task Pull_OntoADiskThatFillsUp_SaysSo_AndGoesOnOnceThereIsRoom()
    {
        await using var place = await HubPlace.StartAsync();
        var plan = await place.PlanAsync();
        var writes = 0;

        var failure = await Assert.ThrowsAsync<MachineException>(() => place.PullAsync(plan, disk: new(path =>
        {
            if (path.EndsWith(".safetensors", StringComparison.Ordinal) && Interlocked.Increment(ref writes) > 4) throw new IOException("No space left on device");
        })));

        Assert.Contains("No space left on device", failure.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(place.Home));
        var kept = PartBytes(place);
        await place.MoveAsync();
        await place.PullAsync(plan);
        await WholeAsync(place);
        Assert.True(kept > 0);
        Assert.Equal(plan.Bytes - kept, place.Hub.Served);
    }

    [Fact]
    public async Task Pull_UnderANameThatIsTaken_SaysByWhom()
    {
        await using var place = await HubPlace.StartAsync();
        await place.PullAsync();
        place.Hub.Publish("stranger/micro", RepositoryFiles.Fixture("sd2-micro"));

        var refusal = await Assert.ThrowsAsync<BadInputException>(async () => await place.PullAsync(await place.PlanAsync("stranger/micro")));

        Assert.Contains("is taken by 'owner/micro'", refusal.Message, StringComparison.Ordinal);
        await WholeAsync(place);
        await place.PullAsync(await place.PlanAsync("stranger/micro"), "micro-2");
        File.Delete(Path.Combine(place.Home, "hub.json"));
        Assert.Contains("was not pulled from a hub", (await Assert.ThrowsAsync<BadInputException>(() => place.PullAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_WhileAnotherPullsTheSame_IsRefused()
    {
        await using var place = await HubPlace.StartAsync();
        var plan = await place.PlanAsync();
        BadInputException? refusal = null;
        place.Hub.Sending = async (_, _) =>
        {
            if (refusal is null) refusal = await Assert.ThrowsAsync<BadInputException>(() => place.PullAsync(plan));
            return true;
        };

        await place.PullAsync(plan);

        Assert.Contains("is being pulled by another process", refusal!.Message, StringComparison.Ordinal);
        await WholeAsync(place);
    }

    [Theory]
    [InlineData("model_index.json", "StableDiffusionPipeline", "FluxPipeline", "is of a kind that is not supported")]
    [InlineData("text_encoder/config.json", "\"hidden_size\": 16", "\"hidden_size\": 32", "text_encoder cannot be used")]
    public async Task Pull_OfAPackageThatCannotBeUsed_IsRefused(string file, string from, string to, string word)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(HubPlace.Fixture, file), Token);
        Assert.Contains(from, text, StringComparison.Ordinal);
        await using var place = await HubPlace.StartAsync(new Dictionary<string, byte[]?> { [file] = Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)) });

        var refusal = await Assert.ThrowsAsync<BadInputException>(() => place.PullAsync());

        Assert.Contains(word, refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(place.Home));
        // Before gigabytes are fetched, where the index tells.
        if (file == "model_index.json") Assert.InRange(place.Hub.Served, 1, 1000);
        HubPull.Remove(place.Root, "micro", new());
        Assert.Empty(Directory.EnumerateDirectories(place.Root));
    }

    private static Task<bool> AnswerAsync(HttpContext context, bool ofCdn, string fault)
    {
        var (answer, path) = (context.Response, context.Request.Path.Value!);
        var isUnet = path.EndsWith(Unet, StringComparison.Ordinal);
        switch (fault)
        {
            case "web page" when !ofCdn:
            case "web page of the CDN" when ofCdn:
                answer.ContentType = "text/html; charset=utf-8";
                return DoneAsync(answer.WriteAsync("<html>Sign in</html>"));
            case "nonsense" when !ofCdn:
                return DoneAsync(answer.WriteAsync("{ \"hello\": 1 }"));
            case "redirect loop" when isUnet:
                answer.Redirect(path);
                return Task.FromResult(true);
            case "file that is gone" when isUnet:
                return DoneAsync(LocalHub.FailAsync(context, 404, "EntryNotFound"));
            case "other hash" when ofCdn:
                var range = context.Request.Headers.Range.ToString();
                if (range.Length == 0) return DoneAsync(answer.Body.WriteAsync(new byte[75_744]).AsTask());
                var (from, to) = (long.Parse(range.Split('=', '-')[1], null), long.Parse(range.Split('=', '-')[2], null));
                (answer.StatusCode, answer.Headers.ContentRange) = (206, $"bytes {from}-{to}/*");
                return DoneAsync(answer.Body.WriteAsync(new byte[to - from + 1]).AsTask());
            case "other etag" when isUnet:
                answer.Headers["X-Linked-Etag"] = $"\"{new string('0', 64)}\"";
                answer.Redirect("/elsewhere");
                return Task.FromResult(true);
            case "other size" when ofCdn:
                answer.ContentLength = 10;
                return DoneAsync(answer.Body.WriteAsync(new byte[10]).AsTask());
            case "416" when ofCdn:
                answer.StatusCode = 416;
                return Task.FromResult(true);
            case "busy" when isUnet:
                (answer.StatusCode, answer.Headers.RetryAfter) = (429, "3600");
                return Task.FromResult(true);
            case "refusing CDN" when ofCdn:
                answer.StatusCode = 403;
                return Task.FromResult(true);
            default:
                return Task.FromResult(false);
        }

        static async Task<bool> DoneAsync(Task answered)
        {
            await answered;
            return true;
        }
    }

    private static async Task WholeAsync(HubPlace place) =>
        Assert.Equal(await ModelPackage.Open(HubPlace.Fixture).HashAsync(Token), await ModelPackage.Open(place.Home).HashAsync(Token));

    private static IEnumerable<string> PathsIn(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal);

    private static IEnumerable<string?> RangesOf(HubPlace place, string file) =>
        place.Hub.Requests.Where(request => !request.OfCdn && request.Path.EndsWith(file, StringComparison.Ordinal)).Select(request => request.Range);

    // As the journal has it: parts have holes.
    private static long PartBytes(HubPlace place)
    {
        var part = Assert.Single(Directory.EnumerateDirectories(place.Root));
        var journal = File.ReadAllBytes(Path.Combine(part, ".journal"));
        return Enumerable.Range(0, journal.Length / sizeof(long)).Sum(i => BitConverter.ToInt64(journal, i * sizeof(long)));
    }
}
