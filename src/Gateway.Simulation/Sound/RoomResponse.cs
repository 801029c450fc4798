using Gateway.Alignment.Acoustics;

namespace Gateway.Simulation;

/// <summary>The way from a loudspeaker to the microphone, with no latency of its own: that belongs to the speaker.</summary>
internal sealed class RoomResponse
{
    /// <summary>A furnished living room.</summary>
    private const double Rt60 = 0.35;

    public RoomResponse(ulong seed)
    {
        var room = Room.Create(seed, Rt60, maxLatencySeconds: 0);
        Samples = [.. room.ImpulseResponse.Select(x => (float)x)];
        DirectSeconds = room.ArrivalSamples / Room.SampleRate;
    }

    /// <summary>At 48 kHz.</summary>
    public float[] Samples { get; }

    /// <summary>The direct sound's way through the air: the truth.</summary>
    public double DirectSeconds { get; }
}
