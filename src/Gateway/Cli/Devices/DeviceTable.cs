using System.Globalization;
using Gateway.Bluetooth.BlueZ;
using Gateway.Cli.Client;
using Gateway.Configuration;
using Gateway.Engine;
using Gateway.House;

namespace Gateway.Cli.Devices;

/// <summary>The devices as a table, and below it what stands in the way.</summary>
internal static class DeviceTable
{
    public static void Print(GatewayClient gateway, Func<DeviceState, bool> isNew, Terminal terminal)
    {
        terminal.Print(GatewayLine(gateway));
        List<string[]> rows = [["KIND", "ID", "NAME", "STATE", "ADDRESS", "BATTERY"]];
        rows.AddRange(gateway.Devices("adapter").Select(a => Row(a, AdapterState(a), BluetoothAddress.ReadWritten(a.Id))));
        rows.AddRange(gateway.Devices("speaker").Select(s => Row(s, (isNew(s) ? "new, " : "") + SpeakerState(gateway, s), s.Json.Text("sink") ?? s.Address, s.Json.Number("battery"))));
        rows.AddRange(gateway.Devices("echo").Select(e => Row(e, EchoState(e), e.Address)));
        rows.AddRange(gateway.Devices("transmitter").Select(t => Row(t, TransmitterState(gateway, t), null)));
        rows.AddRange(gateway.Sources().GroupBy(s => s.Address).Select(s => new[] { "source", "-", s.First().Name, SourceState(gateway, [.. s]), s.Key, "" }));
        if (rows.Count > 1) terminal.PrintTable(rows);
        foreach (var advice in WhatIsMissing(gateway)) terminal.Print(advice);
        foreach (var speaker in gateway.Devices("speaker"))
        {
            if (speaker.Json.Member("last_error").Text("text") is { } error && speaker.Connected != true) terminal.Print($"{speaker.Name}: {error}");
        }
    }

    public static string AdapterName(GatewayClient gateway, string? id) => id is null ? "an adapter" : gateway.Device("adapter", id)?.Name ?? id;

    public static string Signal(DeviceState speaker) => speaker.RssiDbm is { } dbm ? string.Create(CultureInfo.InvariantCulture, $"in range {dbm:0} dBm") : "not heard now";

    /// <summary>An empty place in the table says what would fill it.</summary>
    private static IEnumerable<string> WhatIsMissing(GatewayClient gateway)
    {
        if (gateway.Devices("adapter").Count == 0) yield return $"No Bluetooth adapter. {gateway.Gateway?.Json.Text("problem") ?? "Plug one in, or look at the gateway's log."}";
        if (gateway.Devices("speaker").Count == 0) yield return "No speaker yet. Put one into pairing mode (mostly: hold its Bluetooth button until it blinks): tutti devices --scan shows it, tutti pair pairs it.";
        if (gateway.Devices("echo").Count == 0) yield return "No Echo yet. Name it in tutti.yaml (echoes: - name: Kitchen), or say to it \"Alexa, pair\" while tutti pair --open runs.";
    }

    private static string[] Row(DeviceState device, string state, string? address, double? battery = null) =>
        [device.Kind, device.Id, device.Name, state, address ?? "-", battery is { } percent ? string.Create(CultureInfo.InvariantCulture, $"{percent:0} %") : ""];

    private static string GatewayLine(GatewayClient gateway)
    {
        var own = gateway.Gateway?.Json ?? default;
        var bluez = own.Member("bluez").Text("version") is { } version ? $", BlueZ {version}" : "";
        return $"Gateway {gateway.GatewayId}, Tutti {own.Text("version") ?? "?"}{bluez}{(own.Flag("pairing_mode") == true ? ", pairing mode is on" : "")}";
    }

    private static string AdapterState(DeviceState adapter)
    {
        if (adapter.Json.Flag("powered") != true) return adapter.Json.Flag("powered") is null ? "unknown" : "switched off";
        var streams = string.Create(CultureInfo.InvariantCulture, $"{adapter.Json.Number("streams_used") ?? 0:0} of {adapter.Json.Number("streams_max") ?? 0:0} streams");
        return adapter.Json.Flag("discovering") == true ? $"searching, {streams}" : $"on, {streams}";
    }

    private static string SpeakerState(GatewayClient gateway, DeviceState speaker)
    {
        var json = speaker.Json;
        if (json.Text("sink") is not null) return speaker.Connected == true ? "output of the sound server" : "its output is not there";
        if (speaker.Connected == true) return $"connected on {AdapterName(gateway, json.Text("adapter"))}{(json.Text("codec") is { } codec ? $" ({codec})" : "")}";
        var link = json.Word<SpeakerLink>("link");
        if (link == SpeakerLink.Connecting) return "connecting";
        if (link == SpeakerLink.HeldElsewhere) return HolderOf(gateway, speaker) is { } echo ? $"held by Echo {echo}" : "held elsewhere";
        var paired = speaker.Paired switch
        {
            true => $"paired on {string.Join(", ", json.Texts("paired_on").Select(id => AdapterName(gateway, id)))}",
            false => "not paired",
            null => "unknown",
        };
        var failed = link == SpeakerLink.Failed ? ", last try failed" : "";
        return speaker.RssiDbm is null ? paired + failed : $"{paired}{failed}, {Signal(speaker)}";
    }

    private static string? HolderOf(GatewayClient gateway, DeviceState speaker) => gateway.Devices("echo")
        .FirstOrDefault(e => e.Json.Member("bluetooth").Word<LinkRole>("role") == LinkRole.PlaysTo && e.Json.Member("bluetooth").Member("peer").Text("id") == speaker.Id)?.Name;

    private static string EchoState(DeviceState echo)
    {
        var online = echo.Json.Flag("online") switch { true => "online", false => "offline", null => "declared" };
        var bluetooth = echo.Json.Member("bluetooth");
        var peer = bluetooth.Member("peer").Text("name") ?? bluetooth.Member("peer").Text("address") ?? "?";
        return bluetooth.Word<EchoLinkState>("state") switch
        {
            EchoLinkState.Connected => $"{online}, {(bluetooth.Word<LinkRole>("role") == LinkRole.ReceivesFrom ? "receives from" : "plays to")} {peer}",
            EchoLinkState.Connecting => $"{online}, connecting",
            EchoLinkState.Disconnected => $"{online}, no link",
            _ => $"{online}, link unknown",
        };
    }

    private static string TransmitterState(GatewayClient gateway, DeviceState transmitter)
    {
        var slots = transmitter.Json.Texts("slots").Select(id => gateway.Device("speaker", id)?.Name ?? id).ToList();
        var feeder = transmitter.Json.Text("fed_by") switch { null => "nothing", DeviceSections.GatewayWord => "the gateway", var echo => gateway.Device("echo", echo)?.Name ?? echo };
        return $"fed by {feeder}, {(slots.Count == 0 ? "no speaker" : string.Join(", ", slots))}";
    }

    /// <summary>One Echo or phone may be paired on several adapters, and plays to one.</summary>
    private static string SourceState(GatewayClient gateway, IReadOnlyList<SourceState> links)
    {
        string At(bool connected) => string.Join(", ", links.Where(l => l.Connected == connected).Select(l => AdapterName(gateway, l.Adapter)));
        return (At(true), At(false)) switch
        {
            (var playing, "") => $"plays to {playing}",
            ("", var paired) => $"paired on {paired}",
            var (playing, paired) => $"plays to {playing}, paired on {paired} too",
        };
    }
}
