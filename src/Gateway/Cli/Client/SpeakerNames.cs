using Gateway.Configuration;
using Gateway.Engine;
using Gateway.Engine.Text;

namespace Gateway.Cli.Client;

/// <summary>A speaker, or an Echo, as the user named it.</summary>
/// <param name="Speaker">Null: there is none, or there are several.</param>
/// <param name="Problem">Why there is no one speaker, with what may have been meant.</param>
internal readonly record struct NamedSpeaker(DeviceState? Speaker, bool Several, string Problem);

/// <summary>Finds a speaker or an Echo among those that the gateway knows: by id, Bluetooth address or name.</summary>
internal static class SpeakerNames
{
    public static NamedSpeaker Find(GatewayClient gateway, string text) => Find(gateway, text, DeviceKind.Speaker);

    /// <summary>The same among the Echos.</summary>
    public static NamedSpeaker FindEcho(GatewayClient gateway, string text) => Find(gateway, text, DeviceKind.Echo);

    private static NamedSpeaker Find(GatewayClient gateway, string text, DeviceKind kind)
    {
        var word = kind == DeviceKind.Echo ? "echo" : "speaker"; // in topics
        var speakers = gateway.Devices(word);
        if (gateway.Device(word, ReadableText.Trim(text)) is { } byId) return new(byId, false, "");
        if (BluetoothAddress.ReadWritten(text) is { } address && speakers.FirstOrDefault(s => BluetoothAddress.Read(s.Address) == address) is { } byAddress) return new(byAddress, false, "");
        var names = new NameBook();
        foreach (var speaker in speakers) names.Add(kind, speaker.Id, speaker.Name);
        var found = names.Find(text, kind);
        if (found.Entry is { } entry) return new(gateway.Device(word, entry.Id), false, "");
        var several = speakers.Count(s => NameFolding.Same(s.Name, text)) > 1;
        return new(null, several, several ? $"{found.Message} {found.Remedy}" : $"{found.Message}{NearestNames.DidYouMean(text, speakers.Select(s => s.Name))}");
    }
}
