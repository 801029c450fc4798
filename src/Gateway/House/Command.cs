namespace Gateway.House;

/// <summary>
/// A command from outside: an MQTT message, a page's button, a routine's step. Syntactically sound (UTF-8, size, JSON
/// envelope are the sender's business), not yet judged: unknown devices, properties and values out of range are the
/// reconciler's to refuse.
/// </summary>
public sealed record Command
{
    /// <summary>The topic it came on (or would have come on); names the command in its answers.</summary>
    public required string Topic { get; init; }

    /// <summary>echo, speaker, adapter, transmitter, group, gateway, voice.</summary>
    public required string Kind { get; init; }

    /// <summary>The device's id; for <c>voice</c> the routine's.</summary>
    public required string Id { get; init; }

    /// <summary>Such as <c>active</c>; for <c>voice</c> <c>run</c>.</summary>
    public required string Property { get; init; }

    /// <summary>The bare value as text.</summary>
    public required string Value { get; init; }

    /// <summary>From the JSON envelope, or the MQTT 5 correlation data as text or base64.</summary>
    public string? Correlation { get; init; }

    /// <summary>Where the answer also goes (the MQTT 5 response topic), with its correlation data as received.</summary>
    public ReplyAddress? ReplyTo { get; init; }

    /// <summary><c>group/party</c>.</summary>
    public string Device => $"{Kind}/{Id}";
}

/// <summary>An MQTT 5 response topic and correlation data.</summary>
public sealed record ReplyAddress(string Topic, ReadOnlyMemory<byte> CorrelationData);

/// <summary>An answer together with where else it is to be sent.</summary>
public sealed record Answer(CommandResponse Response, ReplyAddress? ReplyTo);
