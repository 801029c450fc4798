using Gateway.Alignment.Dsp;
using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Simulation;
using static Gateway.Tests.Simulation.DemoHouse;

namespace Gateway.Tests.Simulation;

public sealed class SimulatedInputTests
{
    private const int Probe = 1 << 16;

    [Fact]
    public async Task The_microphone_hears_each_speaker_arrive_when_truth_says_so()
    {
        string[] speakers = ["flip_a", "emberton", "flex"];
        var probes = speakers.ToDictionary(id => id, Noise);
        await using var stage = await SoundStage.OpenAsync((id, position, into) => Loop(probes[id], position, into), speakers);
        foreach (var id in speakers) stage.House.Control($$"""{"speaker":"{{id}}","do":"ppm","value":0}""");
        using var microphone = stage.House.House.Microphone.Open("simulated");
        var recording = new float[3 * Probe];
        var recorded = 0;

        stage.Play(TimeSpan.FromSeconds(4), () => recorded += microphone.Read(recording.AsSpan(recorded)));

        Assert.InRange(recorded, 3.9 * 48_000, 4 * 48_000);
        var heard = speakers.ToDictionary(id => id, id => FirstArrival(recording, probes[id]));
        foreach (var id in speakers)
        {
            var expected = Expected(stage, id) - Expected(stage, speakers[0]);
            var measured = (heard[id] - heard[speakers[0]]) / 48.0;
            Assert.InRange(measured - expected, -0.06, 0.06);
        }
    }

    [Fact]
    public async Task The_microphone_hears_noise_but_no_music_from_a_quiet_house_and_nothing_comes_early()
    {
        await using var house = new DemoHouse();
        using var microphone = house.House.Microphone.Open("simulated");
        var samples = new float[96_000];
        Assert.Equal(0, microphone.Read(samples));

        house.Time.Advance(TimeSpan.FromSeconds(1));
        var count = microphone.Read(samples);

        Assert.InRange(count, 46_900, 48_000);
        var rms = Math.Sqrt(samples.Take(count).Sum(x => (double)x * x) / count);
        Assert.InRange(rms, 0.0005, 0.002);
        Assert.Equal((48_000, 1), (microphone.SampleRate, microphone.Channels));
    }

    [Fact]
    public async Task Two_houses_of_one_seed_record_the_same()
    {
        Assert.Equal(await RecordAsync(3), await RecordAsync(3));
        Assert.NotEqual(await RecordAsync(3), await RecordAsync(4));
    }

    [Fact]
    public async Task An_echo_plays_to_us_by_its_own_clock_and_stops_with_its_link()
    {
        await using var house = new DemoHouse();
        Assert.Equal(PortError.NotReachable, Assert.Throws<PortException>(() => house.House.Audio.OpenReceiver(Hci1, house.Echo("Kitchen").BluetoothAddress!)).Error);
        await house.LinkEchoAsync("Kitchen", Hci1);
        using var receiver = house.House.Audio.OpenReceiver(Hci1, house.Echo("Kitchen").BluetoothAddress!);
        var samples = new float[96_000];
        long frames = 0;
        double sum = 0;
        for (var i = 0; i < 500; i++)
        {
            house.Time.Advance(TimeSpan.FromMilliseconds(20));
            var read = receiver.Read(samples);
            frames += read;
            for (var s = 0; s < read * 2; s++) sum += samples[s] * samples[s];
        }

        Assert.InRange(frames, 480_000 - 50, 480_000 + 50);
        Assert.NotEqual(480_000, frames);
        Assert.InRange(Math.Sqrt(sum / (2 * frames)), 0.05, 0.2);
        house.Control("""{"echo":"kitchen","do":"link","value":"none"}""");
        Assert.False(receiver.IsOpen);
    }

    [Fact]
    public async Task A_phone_that_the_configuration_names_pairs_in_pairing_mode_and_plays_to_us()
    {
        const string address = "4C:00:00:00:00:07";
        var group = new ConfiguredGroup { Id = "party", Name = "Party", Members = ["flip_a"], Source = new SourceRef(SourceKind.Phone, address) };
        await using var house = new DemoHouse(configuration: DemoHouse.Configuration with { Groups = [group] });
        Assert.Null(house.Device(Hci1, address));
        await house.EndAsync(house.Bluetooth.SetPairingModeAsync(Hci1, true, CancellationToken.None));
        house.Time.Advance(TimeSpan.FromSeconds(5));

        await house.EndAsync(house.Bluetooth.ConnectAsync(Hci1, BluetoothAddress.Parse(address), RadioRole.Source, CancellationToken.None));
        using var receiver = house.House.Audio.OpenReceiver(Hci1, BluetoothAddress.Parse(address));
        house.Time.Advance(TimeSpan.FromSeconds(0.5));

        Assert.True(house.Device(Hci1, address)!.IsSource);
        Assert.Equal(24_000, receiver.Read(new float[96_000]));
    }

    [Fact]
    public void Music_is_known_from_its_position_and_never_comes_again()
    {
        var whole = new float[2 * 48_000];
        new Music(5, "kitchen").Read(0, whole);
        var part = new float[2 * 12_345];
        new Music(5, "kitchen").Read(20_001, part);
        var later = new float[2 * 48_000];
        new Music(5, "kitchen").Read(4_800_000, later);

        Assert.Equal(whole[(2 * 20_001)..((2 * 20_001) + part.Length)], part);
        Assert.All(whole, x => Assert.InRange(x, -1f, 1f));
        Assert.NotEqual(whole, later);
    }

    private static async Task<float[]> RecordAsync(int seed)
    {
        var music = new Music(1, "kitchen");
        await using var stage = await SoundStage.OpenAsync((_, position, into) => music.Read(position, into), ["flip_a", "emberton"], seed);
        using var microphone = stage.House.House.Microphone.Open("simulated");
        var recording = new float[48_000];
        var recorded = 0;
        stage.Play(TimeSpan.FromSeconds(1), () => recorded += microphone.Read(recording.AsSpan(recorded)));
        return recording[..recorded];
    }

    private static double Expected(SoundStage stage, string id) => stage.House.Truth(id).LatencyMs + (1000 * new Acoustics(1).Of(id).DirectSeconds);

    private static float[] Noise(string id)
    {
        var draw = SplitMix64.Of(99, id, "probe");
        return [.. Enumerable.Range(0, Probe).Select(_ => (float)(0.5 * (draw.NextUnit() - 0.5)))];
    }

    private static void Loop(float[] probe, long position, Span<float> stereo)
    {
        for (var i = 0; i < stereo.Length; i++) stereo[i] = probe[(position + (i / 2)) % Probe];
    }

    /// <summary>The first strong peak of the whitened correlation (docs/measuring.md, in short) within one period of the probe, in samples.</summary>
    private static double FirstArrival(float[] recording, float[] probe)
    {
        var fft = new RealFft(Probe);
        float[] re = new float[fft.Bins], im = new float[fft.Bins], probeRe = new float[fft.Bins], probeIm = new float[fft.Bins];
        fft.Forward(recording.AsSpan(Probe, Probe), re, im); // the probe goes round, so one period is enough
        fft.Forward(probe, probeRe, probeIm);
        for (var k = 0; k < re.Length; k++)
        {
            var (r, i) = ((re[k] * probeRe[k]) + (im[k] * probeIm[k]), (im[k] * probeRe[k]) - (re[k] * probeIm[k]));
            var size = k is > 450 and < 18_000 ? MathF.Sqrt((r * r) + (i * i)) : float.PositiveInfinity;
            (re[k], im[k]) = (r / size, i / size);
        }

        var correlation = new float[Probe];
        fft.Inverse(re, im, correlation);
        var largest = Array.IndexOf(correlation, correlation.Max());
        for (var k = largest - 960; k < largest; k++)
        {
            if (At(k) < 0.25 * At(largest) || At(k) < At(k + 1) || At(k) < At(k - 1)) continue;
            largest = k;
            break;
        }

        return largest;

        float At(int k) => Math.Abs(correlation[(k + Probe) % Probe]);
    }
}
