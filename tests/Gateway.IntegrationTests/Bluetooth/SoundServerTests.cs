using Gateway.Bluetooth;
using Gateway.Configuration;
using Gateway.Engine.Ports;
using Gateway.IntegrationTests.PulseAudio;
using Microsoft.Extensions.Time.Testing;

namespace Gateway.IntegrationTests.Bluetooth;

/// <summary>A real PulseAudio that comes and goes on the same bus as the gateway, and registers its Bluetooth endpoints as it does with BlueZ.</summary>
public sealed class SoundServerTests
{
    private const int OwnEndpoints = 5; // three streams to speakers, two from phones

    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task Pulse_waits_for_the_server_and_says_when_it_is_missing()
    {
        await using var house = await BlueZHarness.StartAsync(o => o with { Audio = BluetoothAudio.Pulse }, _time);
        Assert.Contains("none has taken it", house.Service.Current.AudioProblem, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<PortException>(() => house.ConnectAsync());
        Assert.Equal(PortError.PartMissing, refused.Error);
        Assert.DoesNotContain("ConnectProfile", house.BlueZ.Calls);

        await using var pulse = await StartPulseAsync(house);

        await PassUntilAsync(house, pulse, "the server is noticed", s => s.AudioProblem is null);
        pulse.Kill();
        await PassUntilAsync(house, pulse, "its end is noticed", s => s.AudioProblem is not null);
        Assert.Empty(house.BlueZ.Endpoints);
        Assert.False(house.Service.Current.OwnsAudio);
    }

    [Fact]
    public async Task Auto_leaves_the_sound_to_a_server_that_comes_and_takes_it_back_when_it_has_gone()
    {
        await using var house = await BlueZHarness.StartAsync(o => o with { Audio = BluetoothAudio.Auto }, _time);
        Assert.True(house.Service.Current.OwnsAudio);
        Assert.Equal(OwnEndpoints, house.BlueZ.Endpoints.Count);

        await using var pulse = await StartPulseAsync(house);

        await PassUntilAsync(house, pulse, "the sound is left to the server", s => s.OwnsAudio == false);
        await Eventually.TrueAsync("our endpoints are taken away", () => house.BlueZ.Calls.Count(c => c == "UnregisterEndpoint") == OwnEndpoints);
        Assert.Equal("a sound server (PulseAudio or PipeWire) on this machine has taken Bluetooth audio", house.Service.Current.AudioReason);
        await PassAsync(AudioArbiter.SettleTime * 2);
        Assert.False(house.Service.Current.OwnsAudio);

        pulse.Kill();
        await PassUntilAsync(house, pulse, "the sound is ours again", s => s.OwnsAudio == true);
        await Eventually.TrueAsync("our endpoints are registered again", () => house.BlueZ.Endpoints.Count == 2 * OwnEndpoints);
        Assert.Null(house.Service.Current.AudioProblem);
    }

    [Fact]
    public async Task A_server_that_comes_while_something_plays_waits_for_its_end()
    {
        await using var house = await BlueZHarness.StartAsync(o => o with { Audio = BluetoothAudio.Auto }, _time);
        house.ConnectsWell();
        await house.ConnectAsync();

        await using var pulse = await StartPulseAsync(house);

        await Eventually.TrueAsync(() => $"PulseAudio registers; calls: {string.Join(' ', house.BlueZ.Calls)}; it said: {pulse.Log}", () => house.BlueZ.Calls.Contains("RegisterApplication"));
        await PassAsync(AudioArbiter.RestTime * 2);
        Assert.True(house.Service.Current.OwnsAudio);
        Assert.Equal(RadioLink.Connected, house.Device.Link);
        Assert.DoesNotContain("UnregisterEndpoint", house.BlueZ.Calls);

        house.BlueZ.Remove(FakeBlueZ.TransportPath, "org.bluez.MediaTransport1");
        await PassUntilAsync(house, pulse, "the sound is left to the server", s => s.OwnsAudio == false);
    }

    private static async Task<PulseServer> StartPulseAsync(BlueZHarness house)
    {
        var pulse = new PulseServer { SystemBus = house.Bus.Address };
        await pulse.BeginAsync("module-null-sink", "module-bluez5-discover");
        return pulse;
    }

    private Task PassUntilAsync(BlueZHarness house, PulseServer pulse, string what, Func<BluetoothSnapshot, bool> reached) => Eventually.TrueAsync(
        () => $"{what}; calls: {string.Join(' ', house.BlueZ.Calls)}; PulseAudio said: {pulse.Log}",
        () =>
        {
            if (reached(house.Service.Current)) return true;
            _time.Advance(TimeSpan.FromMilliseconds(200));
            return false;
        },
        60);

    private async Task PassAsync(TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += TimeSpan.FromMilliseconds(500))
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(10); // for those who wait for it
        }
    }
}
