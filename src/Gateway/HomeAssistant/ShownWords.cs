using Gateway.Engine;
using Gateway.House;

namespace Gateway.HomeAssistant;

/// <summary>What people read in Home Assistant for the words of the documents (docs/mqtt.md), which stay as they are on MQTT.</summary>
internal static class ShownWords
{
    public static IReadOnlyList<KeyValuePair<string, string>> Links { get; } =
        [.. Enum.GetValues<EchoLinkState>().Select(l => KeyValuePair.Create(Words.Of(l), l.ToString()))];

    public static IReadOnlyList<KeyValuePair<string, string>> Routes { get; } = [.. Enum.GetValues<Route>().Select(r => KeyValuePair.Create(RouteNames.Of(r), r switch
    {
        Route.StereoPair => "Stereo pair",
        Route.WifiGroup => "Alexa's Wi-Fi group",
        Route.FanOut => "Bluetooth from the gateway",
        Route.Broadcast => "Bluetooth broadcast",
        Route.Transmitter => "Transmitter",
        Route.PartyMode => "Party mode",
        Route.AirPlay => "AirPlay",
        Route.Mixed => "Several ways at once",
        _ => "Not possible",
    }))];

    public static IReadOnlyList<KeyValuePair<string, string>> Classes { get; } = [.. Enum.GetValues<SyncClass>().Select(c => KeyValuePair.Create(Words.Of(c), c.ToString()))];

    public static IReadOnlyList<KeyValuePair<string, string>> Outputs(IEnumerable<AudioOutput> outputs) => [.. outputs.Distinct().Select(o => KeyValuePair.Create(Words.Of(o), o switch
    {
        AudioOutput.LineOut => "Line out",
        AudioOutput.Optical => "Optical",
        AudioOutput.Bluetooth => "Bluetooth",
        _ => "Speaker",
    }))];

    /// <summary>Adapters by id, with the maker's name for them where the machine knows it; equal names are told apart.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Adapters(IReadOnlyList<AdapterDocument> adapters)
    {
        var names = adapters.CountBy(NameOf, StringComparer.OrdinalIgnoreCase).ToDictionary(StringComparer.OrdinalIgnoreCase);
        return [.. adapters.Select(a => KeyValuePair.Create(a.Id, names[NameOf(a)] > 1 ? Documents.WithAddress(NameOf(a), a.Address) : NameOf(a)))];

        static string NameOf(AdapterDocument adapter) => $"Bluetooth adapter {adapter.Name}{(adapter.Product is null ? "" : $" ({adapter.Product})")}";
    }
}
