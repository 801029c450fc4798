using System.Globalization;
using System.Text;
using System.Text.Json;
using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Echo.Alexa;

/// <summary>An Echo as the list of devices tells of it.</summary>
/// <param name="Owner">Commands by sequence name it.</param>
internal sealed record AlexaDevice(string Serial, string Type, string Name, string Owner)
{
    public bool? Online { get; init; }
    public string? Firmware { get; init; }
    public bool CanJoinGroups { get; init; }

    /// <summary>Its socket can be switched between in and out (T2).</summary>
    public bool HasSocketSettings { get; init; }
}

/// <summary>Which questions a look asks.</summary>
[Flags]
internal enum AlexaParts
{
    None = 0,
    Bluetooth = 1,
    Volumes = 2,
    All = 7,
}

/// <summary>The list of devices.</summary>
internal sealed record AlexaDevices(IReadOnlyList<AlexaDevice> Echoes, IReadOnlyList<EchoWifiGroup> Groups, IReadOnlyList<EchoStereoPair> Pairs);

/// <summary>An Echo's Bluetooth: its address book, and its one link (L1, L3).</summary>
/// <param name="Link">Unknown where the Echo is offline.</param>
internal sealed record AlexaBluetooth(IReadOnlyList<EchoPairing> Paired, Fact<EchoPeer?> Link);

/// <summary>From the web API's answers to what they tell, by serial. Bears whatever comes: an entry that cannot be read is left out. Pure.</summary>
internal static class AlexaReadings
{
    private const int LongestName = 100;
    private const string GroupFamily = "WHA";
    private const string PairType = "AP1F6KUH00XPV";

    /// <summary>Speakers of Amazon's own with Alexa: Echo, Show, Spot.</summary>
    private static readonly string[] s_families = ["ECHO", "KNIGHT", "ROOK"];

    public static AlexaDevices Devices(JsonElement answer)
    {
        var entries = answer.Items(AlexaPaths.DevicesList).Where(d => Word(d.Text("serialNumber")) is not null).DistinctBy(d => d.Text("serialNumber")).ToList();
        var echoes = entries.Where(d => s_families.Contains(d.Text("deviceFamily")) && d.Text("deviceType") != PairType).Select(Device).OfType<AlexaDevice>().ToList();
        var groups = entries.Where(d => d.Text("deviceFamily") == GroupFamily).Select(d => new EchoWifiGroup(d.Text("serialNumber")!, NameOf(d, "accountName") ?? "Group", Members(d, entries))).ToList();
        var pairs = entries.Where(d => d.Text("deviceType") == PairType).Select(d => (Id: d.Text("serialNumber")!, Members: Members(d, entries))).Where(p => p.Members.Count == 2)
            .Select(p => new EchoStereoPair(p.Id, p.Members[0], p.Members[1])).ToList();
        return new AlexaDevices(echoes, groups, pairs);
    }

    public static IReadOnlyDictionary<string, AlexaBluetooth> Bluetooth(JsonElement answer)
    {
        var found = new Dictionary<string, AlexaBluetooth>(StringComparer.Ordinal);
        foreach (var state in answer.Items(AlexaPaths.BluetoothList))
        {
            if (Word(state.Text("deviceSerialNumber")) is not { } serial) continue;
            var devices = state.Items("pairedDeviceList").Select(d => (Pairing: Pairing(d), IsLinked: d.Flag("connected") == true)).Where(d => d.Pairing is not null).DistinctBy(d => d.Pairing!.Address).ToList();
            var linked = devices.Find(d => d.IsLinked).Pairing;
            found[serial] = new AlexaBluetooth(
                [.. devices.Select(d => d.Pairing!)],
                linked is not null ? Fact.Of<EchoPeer?>(new EchoPeer(linked.Address, linked.Name, linked.Role))
                : state.Flag("online") == false ? default : Fact.Of<EchoPeer?>(null)); // the list of one that is offline is null
        }

        return found;
    }

    public static IReadOnlyDictionary<string, int> Volumes(JsonElement answer)
    {
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var volume in answer.Items(AlexaPaths.VolumesList))
        {
            if (Word(volume.Text("dsn")) is { } serial && volume.Number("speakerVolume") is { } percent and >= 0 and <= 100) found[serial] = percent;
        }

        return found;
    }

    /// <summary>Null: it says nothing of a socket.</summary>
    public static AudioOutput? Output(JsonElement answer) => answer.Items(AlexaPaths.SocketList).Select(p => p.Text("direction")).FirstOrDefault(d => d is not null) switch
    {
        "OUTPUT" => AudioOutput.LineOut,
        "INPUT" => AudioOutput.Speaker,
        _ => null,
    };

    /// <summary>What has to be looked at after a message of the stream: JSON in a text, whose payload is of no use without another question.</summary>
    public static AlexaParts Told(JsonElement message) => message.Member("directive").Member("payload").Items("renderingUpdates")
        .Select(u => u.Text("resourceId") ?? (u.Text("resourceMetadata") is { } inner && AlexaJson.Parse(inner) is { } json ? json.Text("command") : null))
        .Aggregate(AlexaParts.None, (parts, command) => parts | command switch
        {
            "PUSH_BLUETOOTH_STATE_CHANGE" => AlexaParts.Bluetooth,
            "PUSH_VOLUME_CHANGE" => AlexaParts.Volumes,
            "PUSH_DOPPLER_CONNECTION_CHANGE" => AlexaParts.All,
            _ => AlexaParts.None, // of players, lists, and what comes without notice
        });

    /// <summary>Fit to be shown: one line, nothing that turns the text around, of a bearable length.</summary>
    public static string? Shown(string? text)
    {
        if (text is null) return null;
        var kept = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (kept.Length >= LongestName) break;
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator) kept.Append(' ');
            else if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)) kept.Append(rune);
        }

        return string.Join(' ', kept.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries)) is { Length: > 0 } shown ? shown : null;
    }

    private static AlexaDevice? Device(JsonElement device)
    {
        if (Word(device.Text("deviceType")) is not { } type) return null;
        var serial = device.Text("serialNumber")!;
        var capabilities = device.Texts("capabilities").ToHashSet(StringComparer.Ordinal);
        return new AlexaDevice(serial, type, NameOf(device, "accountName") ?? serial, device.Text("deviceOwnerCustomerId") ?? "")
        {
            Online = device.Flag("online"),
            Firmware = Shown(device.Text("softwareVersion")),
            CanJoinGroups = capabilities.Contains("LEMUR_ALPHA"),
            HasSocketSettings = capabilities.Contains("AUX_SETTINGS"),
        };
    }

    /// <summary>Either side may be incomplete: both count.</summary>
    private static List<string> Members(JsonElement group, List<JsonElement> entries)
    {
        var id = group.Text("serialNumber")!;
        return [.. group.Texts("clusterMembers").Concat(entries.Where(d => d.Texts("parentClusters").Contains(id)).Select(d => d.Text("serialNumber")!)).Where(m => Word(m) is not null && m != id).Distinct()];
    }

    private static EchoPairing? Pairing(JsonElement device)
    {
        if (BluetoothAddress.ReadWritten(device.Text("address") ?? "") is not { } address) return null;
        // What the other device is: one that sends (a phone), else one that the Echo plays to.
        var profiles = device.Texts("profiles").ToList();
        var role = profiles.Contains("A2DP-SOURCE") && !profiles.Contains("A2DP-SINK") ? LinkRole.ReceivesFrom : LinkRole.PlaysTo;
        return new EchoPairing(NameOf(device, "friendlyName") ?? address.Text, address, role);
    }

    private static string? NameOf(JsonElement element, string member) => Shown(element.Text(member));

    /// <summary>A serial or a type: it becomes a part of addresses and topics.</summary>
    private static string? Word(string? text) => text is { Length: > 0 and <= 64 } && text.All(char.IsAsciiLetterOrDigit) ? text : null;
}
