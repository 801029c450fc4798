using Gateway.Engine.Ports;
using Gateway.Timing;

namespace Gateway.Bluetooth.BlueZ;

internal enum CallEnd
{
    Done,

    /// <summary>The object is no longer there, and what was asked about it with it.</summary>
    Gone,

    /// <summary>BlueZ, the bus or our patience said no.</summary>
    Refused,
}

/// <summary>What is behind a no, as far as anybody here goes by it.</summary>
internal enum CallReason
{
    Other,
    AlreadyExists,
    AlreadyConnected,
    NotConnected,

    /// <summary>The same is under way already.</summary>
    InProgress,

    /// <summary>Another connection is.</summary>
    Busy,
}

/// <summary>How a call to bluetoothd ended.</summary>
/// <param name="Error">The same for people and for callers of the port; null: it is done.</param>
internal sealed record CallOutcome(CallEnd End, CallReason Reason, PortException? Error)
{
    public static CallOutcome Done { get; } = new(CallEnd.Done, CallReason.Other, null);

    public static CallOutcome Refused(PortException error) => new(CallEnd.Refused, CallReason.Other, error);

    public bool IsDone => Error is null;

    public PortError? Kind => Error?.Error;

    public void ThrowUnlessDone()
    {
        if (Error is not null) throw Error;
    }
}

internal static class CallOutcomes
{
    /// <summary>For a caller to whom every other end is the end of what it does.</summary>
    public static async Task OrThrowAsync(this Task<CallOutcome> call) => (await call).ThrowUnlessDone();

    /// <summary>For a call that would go on at BlueZ when its caller gives up: it is taken back then.</summary>
    public static async Task<CallOutcome> OrTakeBackAsync(this Task<CallOutcome> call, Func<Task> takeBack)
    {
        await ((Task)call).Ended();
        if (call.IsCanceled) await takeBack();
        return await call;
    }
}
