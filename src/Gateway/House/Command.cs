namespace Gateway.House;

/// <summary>
/// A command from outside: an MQTT message, a page's button, a routine's step. Syntactically sound (UTF-8, size, JSON
/// envelope are the sender's business), not yet judged: unknown devices, properties and values out of range are the
/// reconciler's to refuse.
/// </summary>
public sealed record Command
{
    /// <summary>echo, speaker, adapter, transmitter, group, gateway, voice.</summary>
    public required string Kind { get; init; }

    /// <summary>The device's id; for <c>voice</c> the routine's.</summary>
    public required string Id { get; init; }

    /// <summary>Such as <c>active</c>; for <c>voice</c> <c>run</c>.</summary>
    public required string Property { get; init; }

    /// <summary>The bare value as text.</summary>
    public required string Value { get; init; }

    public CommandOrigin Origin { get; init; } = CommandOrigin.Gateway;

    /// <summary>The sender's own mark, which the answers bear too.</summary>
    public string? Correlation { get; init; }

    /// <summary><c>group/party</c>.</summary>
    public string Device => $"{Kind}/{Id}";
}

/// <summary>Where a command came from. Who lets commands in derives its own, with what it needs to answer.</summary>
public abstract record CommandOrigin
{
    /// <summary>This program itself.</summary>
    public static CommandOrigin Gateway { get; } = new GatewayOrigin();

    /// <summary>The command as the log names it.</summary>
    public virtual string NameOf(Command command) => $"{command.Device}/{command.Property}";

    private sealed record GatewayOrigin : CommandOrigin;
}

/// <summary>A routine's step.</summary>
/// <param name="Id">The routine's.</param>
public sealed record RoutineOrigin(string Id) : CommandOrigin
{
    public override string NameOf(Command command) => $"{base.NameOf(command)} (routine {Id})";
}
