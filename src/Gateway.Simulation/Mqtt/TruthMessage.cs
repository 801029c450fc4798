using System.Buffers;
using System.Text.Json;

namespace Gateway.Simulation;

/// <summary>What is really so with one device, for <c>tutti-sim/truth</c>.</summary>
/// <param name="ArrivalMs">
/// Arrival at the microphone of the source position due now, minus one reference common to all; larger = later. Null
/// while it plays nothing, or nothing that others play too.
/// </param>
internal sealed record TruthMessage(DateTimeOffset At, string Speaker, double? ArrivalMs, double LatencyMs, double ClockPpm)
{
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(160);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("at"u8, At.UtcDateTime);
            json.WriteString("speaker"u8, Speaker);
            if (ArrivalMs is { } arrival) json.WriteNumber("arrival_ms"u8, Math.Round(arrival, 4));
            else json.WriteNull("arrival_ms"u8);
            json.WriteNumber("latency_ms"u8, Math.Round(LatencyMs, 4));
            json.WriteNumber("clock_ppm"u8, Math.Round(ClockPpm, 4));
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
