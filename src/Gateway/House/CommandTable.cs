namespace Gateway.House;

/// <summary>How a command's value is written.</summary>
public enum CommandForm
{
    /// <summary><c>ON</c> or <c>OFF</c>.</summary>
    OnOff,

    /// <summary><c>PRESS</c>.</summary>
    Press,

    /// <summary>A whole number, 0 to 100.</summary>
    Percent,

    /// <summary>-500 to 2000 ms in steps of 0.1.</summary>
    TrimMs,

    /// <summary>One of the options that the device's own select offers.</summary>
    Choice,

    /// <summary><c>ON</c>, <c>OFF</c> with or without the question's number, or which Echo it is.</summary>
    PairingAnswer,

    /// <summary>The URL or path of a sound file.</summary>
    Media,
}

/// <summary>A command of the contract: <c>tutti/&lt;kind&gt;/&lt;id&gt;/&lt;property&gt;/set</c>.</summary>
public sealed record CommandSpec(string Kind, string Property, CommandForm Form);

/// <summary>All commands there are: the check of a target and of a value, the handlers and the test of docs/mqtt.md read this one list.</summary>
public static class CommandTable
{
    /// <summary>The kinds of devices; a <c>transmitter</c> takes no commands.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["echo", "speaker", "adapter", "transmitter", "group", "gateway"];

    public static IReadOnlyList<CommandSpec> All { get; } =
    [
        new("echo", "bluetooth", CommandForm.Choice),
        new("echo", "volume", CommandForm.Percent),
        new("echo", "audio_output", CommandForm.Choice),
        new("echo", "pair", CommandForm.Press),
        new("echo", "forget", CommandForm.Press),
        new("speaker", "connected", CommandForm.OnOff),
        new("speaker", "pair", CommandForm.Press),
        new("speaker", "forget", CommandForm.Press),
        new("speaker", "test", CommandForm.Press),
        new("speaker", "volume", CommandForm.Percent),
        new("speaker", "trim_ms", CommandForm.TrimMs),
        new("speaker", "keep_awake", CommandForm.OnOff),
        new("adapter", "powered", CommandForm.OnOff),
        new("adapter", "discovering", CommandForm.OnOff),
        new("group", "active", CommandForm.OnOff),
        new("group", "source", CommandForm.Choice),
        new("group", "volume", CommandForm.Percent),
        new("group", "mute", CommandForm.OnOff),
        new("group", "calibrate", CommandForm.Press),
        new("group", "calibrate_undo", CommandForm.Press),
        new("group", "announce", CommandForm.Media),
        new("gateway", "pairing_mode", CommandForm.OnOff),
        new("gateway", "rescan", CommandForm.Press),
        new("gateway", "pairing_answer", CommandForm.PairingAnswer),
    ];
}
