using Gateway.Configuration;
using Gateway.Engine;

namespace Gateway.Reconciler;

/// <summary>What the reconciler takes from the configuration.</summary>
internal sealed record ReconcilerOptions
{
    public HouseConfiguration House { get; init; } = new();

    /// <summary>As configured: shown until the radio side says who carries the sound.</summary>
    public BluetoothAudio BluetoothAudio { get; init; }

    /// <summary>Commands of routines have a topic below it.</summary>
    public string BaseTopic { get; init; } = new MqttSettings().BaseTopic;
}
