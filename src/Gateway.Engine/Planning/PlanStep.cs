using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.Engine;

/// <summary>
/// One step of a plan, a record for each kind with the data that it has; pre- and post-conditions are in <c>docs/routes.md</c>. Devices and peers are ids (a peer
/// that we do not know: any text), adapters the house's names (<c>hci0</c>).
/// </summary>
[JsonConverter(typeof(PlanStepConverter))]
public abstract record PlanStep
{
    private protected PlanStep(string device, string why) => (Device, Why) = (device, why);

    /// <summary>What it is about: the device, for a group's steps the group, else the first member.</summary>
    public string Device { get; init; }
    public string Why { get; init; }

    /// <summary>As it is written.</summary>
    public StepForm Form => this switch
    {
        ConnectStep s => new("connect", Device, s.Peer, s.Adapter, Why),
        DisconnectStep s => new("disconnect", Device, s.Peer, s.Adapter, Why),
        PairStep s => new("pair", Device, null, s.Adapter, Why),
        CreateWifiGroupStep => new("create_wifi_group", Device, null, null, Why),
        SetAudioOutputStep s => new("set_audio_output", Device, s.Transmitter, null, Why),
        KeepAwakeStep => new("keep_awake", Device, null, null, Why),
        StartStep => new("start", Device, null, null, Why),
        AskUserStep s => new("ask_user", Device, s.Peer, null, Why),
        _ => throw new UnreachableException(),
    };
}

/// <summary>Links a speaker, or an Echo that plays or receives, with an adapter of ours; or an Echo with a speaker.</summary>
/// <param name="Peer">The speaker; null: the other end is an adapter of ours.</param>
/// <param name="Adapter">Null: there is a peer, or the adapter is assumed and has no name yet.</param>
public sealed record ConnectStep(string Device, string? Peer, string? Adapter, string Why) : PlanStep(Device, Why);

/// <summary>Ends a link.</summary>
/// <param name="Peer">Its other end; null: whatever it is.</param>
/// <param name="Adapter">Where it is ours; null: an Echo ends it, or wherever it is.</param>
public sealed record DisconnectStep(string Device, string? Peer, string? Adapter, string Why) : PlanStep(Device, Why);

/// <summary>Pairs a speaker on an adapter: a key belongs to one.</summary>
/// <param name="Adapter">Null: one that is assumed, and has no name yet.</param>
public sealed record PairStep(string Device, string? Adapter, string Why) : PlanStep(Device, Why);

/// <param name="Devices">The Echos that it is to have. Not in the written form.</param>
public sealed record CreateWifiGroupStep(string Device, IReadOnlyList<string> Devices, string Why) : PlanStep(Device, Why);

/// <summary>Has an Echo play out of the socket that a transmitter hangs on.</summary>
public sealed record SetAudioOutputStep(string Device, string Transmitter, string Why) : PlanStep(Device, Why);

/// <summary>A faint tone for a speaker that switches itself off.</summary>
public sealed record KeepAwakeStep(string Device, string Why) : PlanStep(Device, Why);

/// <summary>Everything is in place: the group sounds.</summary>
public sealed record StartStep(string Device, string Why) : PlanStep(Device, Why);

/// <summary>Only the user can do it.</summary>
/// <param name="Peer">The other device that it is about; null: none.</param>
/// <param name="Devices">Those that a Wi-Fi group is to have; null: it is about something else. Not in the written form.</param>
public sealed record AskUserStep(string Device, string? Peer, IReadOnlyList<string>? Devices, string Why) : PlanStep(Device, Why);

/// <summary>The form that all steps have in JSON: what a step has not is null.</summary>
public sealed record StepForm(string Do, string Device, string? Peer, string? Adapter, string Why);

/// <summary>The JSON form; plans are written, never read.</summary>
public sealed class PlanStepConverter : JsonConverter<PlanStep>
{
    public override PlanStep Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, PlanStep value, JsonSerializerOptions options)
    {
        var form = value.Form;
        writer.WriteStartObject();
        writer.WriteString("do", form.Do);
        writer.WriteString("device", form.Device);
        writer.WriteString("peer", form.Peer);
        writer.WriteString("adapter", form.Adapter);
        writer.WriteString("why", form.Why);
        writer.WriteEndObject();
    }
}
