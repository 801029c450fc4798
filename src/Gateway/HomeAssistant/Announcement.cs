using System.Buffers;
using System.Text.Json.Nodes;
using Gateway.Mqtt;
using MQTTnet;

namespace Gateway.HomeAssistant;

/// <summary>A discovery message on the broker that a Tutti made: this gateway, perhaps in an earlier life that its store does not remember, or another.</summary>
/// <param name="IsOurs">
/// Proven: the device is available only where this gateway is. What another announces names its own availability, also where both use one base
/// topic; and there a state alone tells nothing.
/// </param>
/// <param name="Kind">Of the device, as in its topics; empty: the gateway itself, or another base topic's.</param>
internal sealed record Announcement(DiscoveryConfig Config, bool IsOurs, string Kind, string Id)
{
    /// <summary>Ours have some 20 KiB.</summary>
    private const int MaxBytes = 256 * 1024;

    /// <summary>Null: it is no Tutti's.</summary>
    public static Announcement? Read(MqttApplicationMessage message, Topics topics)
    {
        if (message.Payload.IsEmpty || message.Payload.Length > MaxBytes || !message.Topic.Contains("/tutti_", StringComparison.Ordinal)) return null;
        return DiscoveryConfig.TryRead(message.Payload.ToArray(), payload =>
        {
            if ((string?)payload["o"]?["name"] != DeviceBuilder.Origin || !DiscoveryConfig.IsOurKind(payload)) return null;
            var availability = (payload["avty"] as JsonArray ?? []).Select(a => (string?)a?["t"]).OfType<string>().ToList();
            var device = availability.Select(t => topics.TryParseAvailability(t, out var kind, out var id) ? (Kind: kind, Id: id) : default).FirstOrDefault(d => d.Kind is not (null or "gateway"));
            return new Announcement(new DiscoveryConfig(message.Topic, payload), availability.Contains(topics.GatewayAvailability), device.Kind ?? "", device.Id ?? "");
        });
    }
}
