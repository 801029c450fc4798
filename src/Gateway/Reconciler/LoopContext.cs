using Gateway.Engine.Ports;
using Gateway.Playback;
using Gateway.Timing;

namespace Gateway.Reconciler;

/// <summary>Where the reconciler's steps go.</summary>
/// <param name="PairingQuestions">Null: nobody asks any.</param>
internal sealed record HousePorts(IBluetooth Bluetooth, IEchoControl Echo, PlaybackEngine Playback, IPairingQuestions? PairingQuestions);

/// <summary>What every owner of the loop works with. Touched by the loop only, but for <see cref="Post"/>, the clock and the ports.</summary>
internal sealed record LoopContext(HouseView View, DesiredState Desired, Journal Journal, Operations Operations, HousePorts Ports, TimeProvider Time)
{
    /// <summary>By the monotonic clock: for whatever waits or expires.</summary>
    public TimeSpan Now => Time.Now();

    /// <summary>By the wall's clock: for what is shown and stored.</summary>
    public DateTimeOffset WallNow => Journal.WallNow;

    /// <summary>Has the loop do something; any thread.</summary>
    public void Post(Action message) => Operations.Post(message);

    /// <summary>Takes in what the ports show now: after something was brought about, before anything is judged by it.</summary>
    public void LookAgain() => Operations.LookAgain();
}
