using System.Text.Json.Nodes;
using Gateway.Engine;

namespace Gateway.Simulation;

/// <summary>What each path of the web API answers and does. A 200 to a command means that it was taken, as with the real one.</summary>
internal sealed class AlexaApi(World world, SimulatedEchoCloud cloud, AlexaAccess access, AlexaExtras extras, AlexaPush push)
{
    private static readonly TimeSpan s_cachedFor = TimeSpan.FromMinutes(1);
    private readonly AlexaDocuments _documents = new(world, extras);
    private readonly Lock _cache = new();
    private (JsonNode Answer, long At)? _cached;

    public AlexaDocuments Documents => _documents;

    public AlexaAnswer Answer(AlexaRequest request) => (request.Method, request.Segments) switch
    {
        ("POST", ["auth", "register"]) => access.Register(request),
        ("POST", ["auth", "token"] or ["ap", "exchangetoken"] or ["ap", "exchangetoken", "cookies"]) => access.Exchange(request),
        ("PUT", ["v1", "devices", "@self", "capabilities"]) or ("POST", ["v20160207", "events"]) or (_, ["ping"]) =>
            access.IsAccessToken(request.Headers.GetValueOrDefault("authorization")) ? new AlexaAnswer(204) : AlexaAnswer.Problem(403, "The access token is missing or no longer valid."),
        ("GET", ["accounts"]) => AlexaAnswer.Of(new JsonArray(new JsonObject { ["commsId"] = "amzn1.comms.id.person.example", ["signedInUser"] = true, ["firstName"] = "Example" })),
        ("GET", ["spa", ..] or ["templates", ..]) => AlexaAccess.Refusal(request) ?? new AlexaAnswer(200, "<html></html>", "text/html;charset=UTF-8"),
        ("POST", ["nexus", "v1", "graphql"]) => AlexaAccess.Refusal(request) ?? AlexaAnswer.Of(_documents.GraphQl(request.Json)),
        (_, ["api", ..]) => AlexaAccess.Refusal(request) ?? (request.Method == "GET" ? Read(request) : Do(request)),
        _ => NotThere,
    };

    public void Reset()
    {
        lock (_cache) _cached = null;
    }

    private static AlexaAnswer NotThere => AlexaAnswer.Problem(404, "Not found");

    private AlexaAnswer Read(AlexaRequest request) => request.Segments[1..] switch
    {
        ["customer-status"] => AlexaAnswer.Of(new JsonObject { ["customerStatus"] = "ACTIVE" }),
        ["endpoints"] => AlexaAnswer.Of(new JsonObject
        {
            ["websiteApiUrl"] = $"https://alexa.{Domain(request)}", ["alexaApiUrl"] = $"https://alexa.{Domain(request)}", ["retailUrl"] = $"https://www.{Domain(request)}", ["retailDomain"] = Domain(request), ["awsRegion"] = "eu-west-1",
        }),
        ["users", "me"] => AlexaAnswer.Of(new JsonObject
        {
            ["id"] = "A1OWNEREXAMPLE", ["email"] = "user@example.org", ["fullName"] = "Example User", ["marketPlaceDomainName"] = "https://www.amazon.de", ["countryOfResidence"] = "DE",
        }),
        ["welcome"] => AlexaAnswer.Of(new JsonObject { ["alexaHostName"] = $"alexa.{Domain(request)}" }),
        ["language"] => AlexaAnswer.Of(new JsonObject { ["language"] = "de-DE" }),
        ["strings"] => AlexaAnswer.Of(new JsonObject()),
        ["devices-v2", "device"] => AlexaAnswer.Of(_documents.Devices()),
        ["device-preferences"] => AlexaAnswer.Of(new JsonObject { ["devicePreferences"] = new JsonArray() }),
        ["wake-word"] => AlexaAnswer.Of(new JsonObject { ["wakeWords"] = new JsonArray() }),
        ["bluetooth"] => AlexaAnswer.Of(Bluetooth(request.Query.GetValueOrDefault("cached") == "false")),
        ["devices", "deviceType", "dsn", "audio", "v1", "allDeviceVolumes"] => AlexaAnswer.Of(_documents.Volumes()),
        ["np", "player"] => AlexaAnswer.Of(_documents.Player(request.Query.GetValueOrDefault("deviceSerialNumber", ""))),
        ["np", "queue"] => AlexaAnswer.Of(new JsonObject { ["queue"] = new JsonArray() }),
        ["np", "list-media-sessions"] => AlexaAnswer.Of(new JsonObject { ["mediaSessionList"] = new JsonArray() }),
        ["behaviors", "v2", "automations"] => AlexaAnswer.Of(AlexaDocuments.Array([AlexaSequences.Example()])) with { ContentType = "application/octet-stream" },
        ["behaviors", "entities"] => new AlexaAnswer(200, """[{"id":"TUNEIN","displayName":"TuneIn","availability":"AVAILABLE","supportedProperties":["Alexa.Music.PlaySearchPhrase"]}]""", "application/octet-stream"),
        ["wholeHomeAudio", "v1", "groups"] => AlexaAnswer.Of(_documents.Groups()),
        ["auxcontroller", _, var serial, "state"] => AlexaAnswer.Of(_documents.Aux(serial)),
        ["dnd", "device-status-list"] => AlexaAnswer.Of(_documents.DoNotDisturb()),
        ["notifications"] => AlexaAnswer.Of(new JsonObject { ["notifications"] = new JsonArray() }),
        ["equalizer", ..] => AlexaAnswer.Of(new JsonObject { ["bass"] = 0, ["mid"] = 0, ["treble"] = 0 }),
        _ => NotThere,
    };

    private AlexaAnswer Do(AlexaRequest request)
    {
        var body = request.Json as JsonObject;
        switch (request.Segments[1..])
        {
            case ["bluetooth", "pair-sink", _, var serial]:
                if (BluetoothAddress.Read(Text(body, "bluetoothDeviceAddress")) is { } address) Connect(serial, address);
                return AlexaAnswer.Empty;
            case ["bluetooth", "disconnect-sink", _, var serial]:
                Take(cloud.DisconnectAsync(serial, CancellationToken.None));
                return AlexaAnswer.Empty;
            case ["bluetooth", "unpair-sink", _, var serial]:
                if (BluetoothAddress.Read(Text(body, "bluetoothDeviceAddress")) is { } forgotten) Take(cloud.ForgetAsync(serial, forgotten, CancellationToken.None));
                return AlexaAnswer.Empty;
            case ["behaviors", "preview"]:
                AlexaSequences.Run(body, extras, SetVolume);
                return AlexaAnswer.Empty;
            case ["behaviors", "operation", "validate"]:
                return AlexaAnswer.Of(new JsonObject { ["result"] = "VALID", ["operationPayload"] = body?["operationPayload"]?.DeepClone() });
            case ["np", "command"]:
                Command(request.Query.GetValueOrDefault("deviceSerialNumber", ""), body);
                return AlexaAnswer.Empty;
            case ["devices", _, var serial, "audio", "v2", "speakerVolume"]:
                if (body?["volume"] is { } volume) SetVolume(serial, volume);
                return AlexaAnswer.Empty;
            case ["dnd", "status"]:
                if (Text(body, "deviceSerialNumber") is { } device && body?["enabled"] is JsonValue on && on.TryGetValue<bool>(out var quiet)) extras.SetDoNotDisturb(device, quiet);
                return AlexaAnswer.Of(body?.DeepClone() ?? new JsonObject());
            case ["auxcontroller", _, var serial, "ports", _, "setDirection"]:
                Take(cloud.SetAudioOutputAsync(serial, Text(body, "direction") == "OUTPUT" ? AudioOutput.LineOut : AudioOutput.Speaker, CancellationToken.None));
                return AlexaAnswer.Empty;
            case ["lemur", "tail"] when request.Method == "POST":
                var members = body?["members"] is JsonArray told ? told.Select(m => Text(m, "dsn")).OfType<string>().ToList() : [];
                Take(cloud.CreateWifiGroupAsync(Text(body, "name") ?? "", members, CancellationToken.None));
                return AlexaAnswer.Empty;
            case ["lemur", "tail", var group] when request.Method == "DELETE":
                Take(cloud.DeleteWifiGroupAsync(group, CancellationToken.None));
                return AlexaAnswer.Empty;
            default:
                return NotThere;
        }
    }

    /// <summary>Who does not ask for fresh ones gets links as they were up to a minute ago.</summary>
    private JsonNode Bluetooth(bool fresh)
    {
        lock (_cache)
        {
            if (fresh || _cached is not { } cached || world.Time.GetElapsedTime(cached.At) > s_cachedFor) _cached = cached = (_documents.Bluetooth(), world.Time.GetTimestamp());
            return cached.Answer.DeepClone();
        }
    }

    /// <summary>The first link goes at once (L2), and one event tells of the second.</summary>
    private void Connect(string serial, BluetoothAddress address)
    {
        push.Connecting(serial, true);
        _ = cloud.ConnectAsync(serial, address, CancellationToken.None).ContinueWith(ended =>
        {
            _ = ended.Exception; // seen: what comes of it is in the state
            push.Connecting(serial, false);
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Command(string serial, JsonNode? body)
    {
        var level = body is JsonObject told ? told["volumeLevel"] : null;
        switch (Text(body, "type"))
        {
            case "VolumeLevelCommand" when level is not null: SetVolume(serial, level); break;
            case "PlayCommand": extras.SetState(serial, "PLAYING"); break;
            case "PauseCommand": extras.SetState(serial, "PAUSED"); break;
        }
    }

    private void SetVolume(string serial, JsonNode value)
    {
        if (int.TryParse(value.ToString(), out var percent) && percent is >= 0 and <= 100) Take(cloud.SetVolumeAsync(serial, percent, CancellationToken.None));
    }

    /// <summary>It was taken; what comes of it, and that nothing does, is to be seen and not said.</summary>
    private static void Take(Task command) => _ = command.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private static string? Text(JsonNode? body, string member) => body is JsonObject map && map[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string Domain(AlexaRequest request)
    {
        var at = request.Host.IndexOf("amazon.", StringComparison.Ordinal);
        return at < 0 ? "amazon.de" : request.Host[at..].Split(':')[0];
    }
}
