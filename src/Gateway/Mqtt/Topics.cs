using Gateway.House;

namespace Gateway.Mqtt;

/// <summary>The topics of the contract (docs/mqtt.md), under the configured base.</summary>
internal sealed class Topics(MqttOptions options, GatewayIdentity gateway)
{
    public string Base { get; } = options.Broker.BaseTopic;

    /// <summary>Whose they are.</summary>
    public GatewayIdentity Gateway => gateway;

    public string GatewayAvailability => Availability("gateway", gateway.Id);

    /// <summary>Says which running program is this gateway (<see cref="GatewayClaim"/>).</summary>
    public string Claim => $"{Base}/gateway/{gateway.Id}/claim";
    public string SyncPlot => $"{Base}/gateway/{gateway.Id}/sync_plot";
    public string Response => $"{Base}/response";
    public string Event => $"{Base}/event";

    /// <summary>Filters that match every command.</summary>
    public string CommandFilter => $"{Base}/+/+/+/set";
    public string VoiceFilter => $"{Base}/voice/+";

    public string Availability(string kind, string id) => $"{Base}/{kind}/{id}/availability";

    public string State(string kind, string id) => $"{Base}/{kind}/{id}/state";

    public string Sync(string kind, string id) => $"{Base}/{kind}/{id}/sync";

    public string Set(string kind, string id, string property) => $"{Base}/{kind}/{id}/{property}/set";

    public string Voice(string routine) => $"{Base}/voice/{routine}";

    /// <summary>Whose availability a topic is; false for one that is none.</summary>
    public bool TryParseAvailability(string topic, out string kind, out string id)
    {
        var parts = topic.StartsWith(Base + "/", StringComparison.Ordinal) ? topic[(Base.Length + 1)..].Split('/') : [];
        (kind, id) = parts is [var k, var i, "availability"] ? (k, i) : ("", "");
        return kind.Length > 0 && id.Length > 0;
    }

    /// <summary>The address of a command; false for a topic that is none.</summary>
    public bool TryParseCommand(string topic, out CommandAddress address)
    {
        address = default;
        if (!topic.StartsWith(Base + "/", StringComparison.Ordinal)) return false;
        var parts = topic[(Base.Length + 1)..].Split('/');
        if (parts is ["voice", var routine])
        {
            address = new("voice", routine, "run");
            return true;
        }

        if (parts is not [var kind, var id, var property, "set"]) return false;
        address = new(kind, id, property);
        return true;
    }
}

/// <summary>What a command is for.</summary>
internal readonly record struct CommandAddress(string Kind, string Id, string Property);
