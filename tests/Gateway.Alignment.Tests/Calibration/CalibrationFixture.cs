using Gateway.Alignment.Calibration;
using Gateway.Benchmarks.Alignment;

namespace Gateway.Alignment.Tests.Calibration;

/// <summary>One good recording of three speakers, made once: 10 dB, the recorder 60 ppm fast.</summary>
public sealed class CalibrationFixture
{
    internal CalibrationRecording Recording { get; } = CalibrationRecording.Create(new ProbeSet(3), 0, 10, 60, 20_000);
}
