using Gateway.Alignment.Acoustics;
using Gateway.Alignment.Calibration;

namespace Gateway.Alignment.Tests.Acoustics;

/// <summary>The published vectors: whoever reproduces these can reproduce every figure of the bench.</summary>
public sealed class VectorTests
{
    [Fact]
    public void Seed_1_gives_the_published_bits_and_uniform_numbers()
    {
        var bits = new SplitMix64(1);
        var uniform = new SplitMix64(1);

        Assert.Equal([0x910A2DEC89025CC1UL, 0xBEEB8DA1658EEC67UL], [bits.NextUInt64(), bits.NextUInt64()]);
        Assert.Equal([0.566562, 0.745782, 0.971003], Enumerable.Range(0, 3).Select(_ => Math.Round(uniform.NextUniform(), 6)));
    }

    [Fact]
    public void Seed_1_gives_the_published_normal_numbers()
    {
        var values = new double[2];

        new SplitMix64(1).FillNormal(values);

        Assert.Equal([-0.034267, -1.292609], values.Select(x => Math.Round(x, 6)));
    }

    [Fact]
    public void Probe_0_has_the_published_samples_and_crest_factor()
    {
        var probe = Probe.Create(0, 1 << 17);

        Assert.Equal(0.960494, probe[0], 5e-6);
        Assert.Equal(0.378383, probe[1], 5e-6);
        Assert.Equal(0.415571, probe[2], 5e-6);
        Assert.Equal(13.78, 20 * Math.Log10(probe.Max(Math.Abs)), 0.005);
    }

    [Fact]
    public void Room_1000003_has_the_published_arrival_and_energy()
    {
        var room = Room.Create(1_000_003, 0.5, 0.3);

        Assert.Equal(2569.233100, room.ArrivalSamples, 1e-6);
        Assert.Equal(0.944363, room.ImpulseResponse.Sum(x => x * x), 1e-6);
    }

    [Fact]
    public void Room_noise_has_rms_1_and_falls_with_frequency()
    {
        var noise = RoomNoise.Create(5_000_011, 48_000);
        var steps = noise.Zip(noise.Skip(1), (a, b) => b - a).ToArray();

        Assert.Equal(1, Math.Sqrt(noise.Average(x => x * x)), 1e-9);
        Assert.InRange(Math.Sqrt(steps.Average(x => x * x)), 0.1, 0.9);
    }
}
