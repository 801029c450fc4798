namespace Gateway.Bluetooth.A2dp;

/// <summary>What an output has done so far: for telemetry, logs and the benchmark.</summary>
/// <param name="PacketsSent">Handed to the kernel, silence included.</param>
/// <param name="SilentPackets">Of these, silence because nothing was written in time.</param>
/// <param name="PacketsDropped">Given up because the radio held them up for too long.</param>
/// <param name="Bitpool">Of the latest packet.</param>
/// <param name="WorstLateMs">The longest that a packet left after its due time.</param>
internal readonly record struct A2dpStatistics(long PacketsSent, long SilentPackets, long PacketsDropped, int Bitpool, double WorstLateMs, int SbcFramesPerPacket);
