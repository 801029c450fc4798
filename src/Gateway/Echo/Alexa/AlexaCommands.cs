using System.Text;
using System.Text.Json;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Engine.Text;
using Gateway.Timing;

namespace Gateway.Echo.Alexa;

/// <summary>Tells Echos what to do, and looks whether they do it.</summary>
/// <param name="look">What is known now.</param>
/// <param name="change">Takes in what was read back.</param>
internal sealed class AlexaCommands(AlexaClient client, TimeProvider time, Func<AlexaLook> look, Action<Func<AlexaLook, AlexaLook>> change)
{
    private static readonly TimeSpan s_effectTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1.5);

    public Task ConnectAsync(string serial, BluetoothAddress peer, CancellationToken cancellationToken) => Asked(async () =>
    {
        var device = DeviceOf(serial);
        if (await BluetoothOf(device, b => b.Paired.Any(p => p.Address == peer), cancellationToken) is not { } known || known.Paired.FirstOrDefault(p => p.Address == peer) is not { } paired)
            throw new PortException(PortError.NotPaired, $"{device.Name} has no pairing with {peer}.", "Pair the two in the Alexa app, or say \"Alexa, pair\".");
        await client.TellAsync(HttpMethod.Post, AlexaPaths.Link("pair-sink", device), Json(j => j.WriteString("bluetoothDeviceAddress", peer.Text)), cancellationToken);
        await UntilBluetooth(device, b => b.Link.Or(null)?.Address == peer, $"{device.Name} was told to connect with {paired.Name}, and does not show that link.", $"Is {paired.Name} on, within reach of {device.Name}, and free?", cancellationToken);
    });

    public Task DisconnectAsync(string serial, CancellationToken cancellationToken) => Asked(async () =>
    {
        var device = DeviceOf(serial);
        await client.TellAsync(HttpMethod.Post, AlexaPaths.Link("disconnect-sink", device), null, cancellationToken);
        await UntilBluetooth(device, b => b.Link is { IsKnown: true, Value: null }, $"{device.Name} was told to let its link go, and still shows it.", "Say to it \"Alexa, disconnect\".", cancellationToken);
    });

    public Task ForgetAsync(string serial, BluetoothAddress peer, CancellationToken cancellationToken) => Asked(async () =>
    {
        var device = DeviceOf(serial);
        var body = Json(j =>
        {
            j.WriteString("bluetoothDeviceAddress", peer.Text);
            j.WriteString("bluetoothDeviceClass", "OTHER");
        });
        await client.TellAsync(HttpMethod.Post, AlexaPaths.Link("unpair-sink", device), body, cancellationToken);
        await UntilBluetooth(device, b => b.Link.IsKnown && b.Paired.All(p => p.Address != peer), $"{device.Name} was told to forget {peer}, and still lists it.", "Remove it in the Alexa app.", cancellationToken);
    });

    public Task SetVolumeAsync(string serial, int percent, CancellationToken cancellationToken) => Asked(async () =>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        var device = DeviceOf(serial);
        await client.TellAsync(HttpMethod.Post, AlexaPaths.Sequence, VolumeSequence(device, percent), cancellationToken);
        await Until(async () =>
        {
            var asOf = time.Now();
            var volumes = AlexaReadings.Volumes(await client.GetAsync(AlexaPaths.Volumes, AlexaPaths.VolumesList, cancellationToken));
            change(now => now.With(volumes, asOf));
            return volumes.TryGetValue(serial, out var now) && now == percent;
        }, $"{device.Name} was told to set its volume to {percent}, and shows another.", "Look whether it is online.", cancellationToken);
    });

    public Task SetAudioOutputAsync(string serial, AudioOutput output, CancellationToken cancellationToken) => Asked(async () =>
    {
        var device = DeviceOf(serial);
        if (!device.HasSocketSettings || output is not (AudioOutput.Speaker or AudioOutput.LineOut))
            throw new PortException(PortError.Other, $"The output of {device.Name} cannot be chosen from here.", "Choose it in the Alexa app: Devices, the Echo, its settings, audio.");
        await client.TellAsync(HttpMethod.Post, AlexaPaths.SocketDirection(device), Json(j => j.WriteString("direction", output == AudioOutput.LineOut ? "OUTPUT" : "INPUT")), cancellationToken);
        await Until(async () =>
        {
            if (AlexaReadings.Output(await client.GetAsync(AlexaPaths.Socket(device), AlexaPaths.SocketList, cancellationToken)) is not { } now) return false;
            change(known => known.With(serial, now));
            return now == output;
        }, $"{device.Name} was told to switch its socket, and does not show it.", "Choose it in the Alexa app.", cancellationToken);
    });

    /// <returns>The new group's id.</returns>
    public async Task<string> CreateWifiGroupAsync(string name, IReadOnlyList<string> serials, CancellationToken cancellationToken)
    {
        string? id = null;
        await Asked(async () =>
        {
            var members = serials.Select(DeviceOf).ToList();
            var body = Json(j =>
            {
                j.WriteNull("id");
                j.WriteString("name", name);
                j.WriteStartArray("members");
                foreach (var member in members)
                {
                    j.WriteStartObject();
                    j.WriteString("dsn", member.Serial);
                    j.WriteString("deviceType", member.Type);
                    j.WriteEndObject();
                }

                j.WriteEndArray();
            });
            await client.TellAsync(HttpMethod.Post, AlexaPaths.Groups, body, cancellationToken);
            await UntilDevices(d => (id = d.Groups.FirstOrDefault(g => NameFolding.Same(g.Name, name))?.Id) is not null, $"Amazon took the group {name}, and does not list it.", "Create it in the Alexa app.", cancellationToken);
        });
        return id!;
    }

    public Task DeleteWifiGroupAsync(string id, CancellationToken cancellationToken) => Asked(async () =>
    {
        await client.TellAsync(HttpMethod.Delete, $"{AlexaPaths.Groups}/{Uri.EscapeDataString(id)}", null, cancellationToken);
        await UntilDevices(d => d.Groups.All(g => g.Id != id), "Amazon was told to delete the group, and still lists it.", "Delete it in the Alexa app.", cancellationToken);
    });

    private AlexaDevice DeviceOf(string serial)
    {
        var device = look().Devices?.Echoes.FirstOrDefault(e => e.Serial.Equals(serial, StringComparison.OrdinalIgnoreCase))
            ?? throw new PortException(PortError.UnknownDevice, $"The Alexa account has no Echo with the serial number {serial}.", "Is it registered to this account?");
        return device.Online == false ? throw new PortException(PortError.NotReachable, $"{device.Name} is offline.", "Look at its power and its Wi-Fi.") : device;
    }

    /// <summary>What is known, where that will do; else what is so now.</summary>
    private async Task<AlexaBluetooth?> BluetoothOf(AlexaDevice device, Func<AlexaBluetooth, bool> willDo, CancellationToken cancellationToken) =>
        look().Bluetooth?.GetValueOrDefault(device.Serial) is { } known && willDo(known) ? known : await ReadBluetooth(device, cancellationToken);

    private async Task<AlexaBluetooth?> ReadBluetooth(AlexaDevice device, CancellationToken cancellationToken)
    {
        var asOf = time.Now();
        var bluetooth = AlexaReadings.Bluetooth(await client.GetAsync(AlexaPaths.Bluetooth, AlexaPaths.BluetoothList, cancellationToken));
        change(now => now.With(bluetooth, asOf));
        return bluetooth.GetValueOrDefault(device.Serial);
    }

    private Task UntilBluetooth(AlexaDevice device, Func<AlexaBluetooth, bool> isSo, string otherwise, string remedy, CancellationToken cancellationToken) =>
        Until(async () => await ReadBluetooth(device, cancellationToken) is { } now && isSo(now), otherwise, remedy, cancellationToken);

    private Task UntilDevices(Func<AlexaDevices, bool> isSo, string otherwise, string remedy, CancellationToken cancellationToken) => Until(async () =>
    {
        var devices = AlexaReadings.Devices(await client.GetAsync(AlexaPaths.Devices, AlexaPaths.DevicesList, cancellationToken));
        change(now => now with { Devices = devices });
        return isSo(devices);
    }, otherwise, remedy, cancellationToken);

    /// <summary>Looks until it is so, or its time is over.</summary>
    private async Task Until(Func<Task<bool>> isSo, string otherwise, string remedy, CancellationToken cancellationToken)
    {
        var until = time.Now() + s_effectTime;
        while (!await isSo())
        {
            if (time.Now() >= until) throw new PortException(PortError.TimedOut, otherwise, remedy);
            await Task.Delay(s_pause, time, cancellationToken);
        }
    }

    /// <summary>The cloud's trouble as the port's.</summary>
    private static async Task Asked(Func<Task> command)
    {
        try
        {
            await command();
        }
        catch (AlexaException no)
        {
            throw new PortException(no.Trouble == AlexaTrouble.Unreachable ? PortError.NotReachable : PortError.Other, no.Message, no.Remedy, no);
        }
    }

    private static string VolumeSequence(AlexaDevice device, int percent) => Json(j =>
    {
        j.WriteString("behaviorId", "PREVIEW");
        j.WriteString("sequenceJson", Json(sequence =>
        {
            sequence.WriteString("@type", "com.amazon.alexa.behaviors.model.Sequence");
            sequence.WriteStartObject("startNode");
            sequence.WriteString("@type", "com.amazon.alexa.behaviors.model.OpaquePayloadOperationNode");
            sequence.WriteString("type", "Alexa.DeviceControls.Volume");
            sequence.WriteString("skillId", "amzn1.ask.1p.alexadevicecontrols");
            sequence.WriteStartObject("operationPayload");
            sequence.WriteString("deviceType", device.Type);
            sequence.WriteString("deviceSerialNumber", device.Serial);
            sequence.WriteString("customerId", device.Owner);
            sequence.WriteString("locale", "en-US");
            sequence.WriteNumber("value", percent);
            sequence.WriteEndObject();
            sequence.WriteEndObject();
        }));
        j.WriteString("status", "ENABLED");
    });

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
