namespace Gateway.Engine.Ports;

/// <summary>Why the outside said no: callers branch on this, people read the message.</summary>
public enum PortError
{
    /// <summary>Out of range, off, or does not answer.</summary>
    NotReachable,

    /// <summary>Another phone or computer holds its one link.</summary>
    HeldElsewhere,
    NotPaired,
    PairingRejected,

    /// <summary>The adapter carries no further stream (T4).</summary>
    NoCapacity,
    NotPowered,
    TimedOut,

    /// <summary>The part that would do it is not built, installed or running.</summary>
    PartMissing,
    UnknownDevice,
    Other,
}

/// <summary>A command that the outside refused or failed.</summary>
public sealed class PortException : Exception
{
    public PortException(PortError error, string message, string? remedy = null, Exception? inner = null) : base(message, inner)
    {
        Error = error;
        Remedy = remedy;
    }

    public PortError Error { get; }

    /// <summary>What the user could do; null where we know nothing.</summary>
    public string? Remedy { get; }
}
