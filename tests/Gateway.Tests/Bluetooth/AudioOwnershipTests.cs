using Gateway.Bluetooth;
using Gateway.Configuration;

namespace Gateway.Tests.Bluetooth;

public sealed class AudioOwnershipTests
{
    private static readonly TimeSpan s_start = TimeSpan.FromDays(1000);

    private readonly AudioOwnership _auto = new(BluetoothAudio.Auto, codecAvailable: true, onHomeAssistantOs: false);

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void What_is_seen_first_is_believed_at_once(bool server, bool own)
    {
        Look(_auto, 0, server);

        Assert.Equal(own, _auto.Choice!.Own);
        Assert.Null(_auto.Problem);
    }

    [Fact]
    public void A_server_that_comes_later_has_to_last()
    {
        Look(_auto, 0, server: false);
        Look(_auto, 5, server: true, registered: true);
        Look(_auto, 14, server: true, registered: true);
        Assert.True(_auto.Choice!.Own);

        Look(_auto, 15, server: true, registered: true);

        Assert.False(_auto.Choice!.Own);
    }

    [Fact]
    public void A_server_that_is_restarted_loses_nothing()
    {
        Look(_auto, 0, server: true);
        Look(_auto, 1, server: false);
        Look(_auto, 10, server: true);
        Look(_auto, 30, server: true);

        Assert.False(_auto.Choice!.Own);
    }

    [Fact]
    public void As_long_as_nothing_of_ours_is_registered_a_server_is_believed_at_once()
    {
        Look(_auto, 0, server: false);

        Look(_auto, 1, server: true, registered: false);

        Assert.False(_auto.Choice!.Own);
    }

    [Fact]
    public void A_choice_never_changes_while_something_plays_nor_in_the_pause_after_it()
    {
        Look(_auto, 0, server: false);
        for (var at = 1; at <= 600; at++) Look(_auto, at, server: true, inUse: true, registered: true);
        Assert.True(_auto.IsHeld);
        Look(_auto, 659, server: true, registered: true);
        Assert.True(_auto.Choice!.Own);

        Look(_auto, 660, server: true, registered: true);

        Assert.False(_auto.Choice!.Own);
        Assert.False(_auto.IsHeld);
    }

    [Fact]
    public void Nobody_loses_the_sound_in_the_middle_of_a_connect()
    {
        Look(_auto, 0, server: false);
        Look(_auto, 1, server: true, registered: true);

        _auto.Observe(new AudioObservation(true, InUse: false, Connecting: true, Registered: true), s_start + TimeSpan.FromSeconds(60));

        Assert.True(_auto.Choice!.Own);
    }

    [Fact]
    public void The_sound_is_taken_back_when_the_server_and_its_streams_have_gone_for_a_while()
    {
        Look(_auto, 0, server: true, inUse: true);
        Look(_auto, 1, server: false, inUse: true);
        Look(_auto, 30, server: false, inUse: true);
        Assert.False(_auto.Choice!.Own);

        Look(_auto, 31, server: false);

        Assert.True(_auto.Choice!.Own);
    }

    [Fact]
    public void Pulse_never_takes_the_sound_and_says_what_is_missing()
    {
        var pulse = new AudioOwnership(BluetoothAudio.Pulse, true, false);

        Look(pulse, 0, server: false);
        Assert.Contains("bluetooth.audio is pulse, but none has taken it", pulse.Problem!.Text, StringComparison.Ordinal);
        Look(pulse, 1, server: true);
        Assert.Null(pulse.Problem);
        Look(pulse, 2, server: false);
        Assert.Null(pulse.Problem); // it may only be restarting
        Look(pulse, 12, server: false);

        Assert.NotNull(pulse.Problem);
        Assert.False(pulse.Choice!.Own);
    }

    [Fact]
    public void On_Home_Assistant_OS_the_remedy_is_its_audio_plugin()
    {
        var ownership = new AudioOwnership(BluetoothAudio.Auto, true, onHomeAssistantOs: true);

        Look(ownership, 0, server: false);

        Assert.Contains("ha audio restart", ownership.Problem!.Remedy, StringComparison.Ordinal);
    }

    private static void Look(AudioOwnership ownership, double seconds, bool server, bool inUse = false, bool registered = false) =>
        ownership.Observe(new AudioObservation(server, inUse, Connecting: false, registered), s_start + TimeSpan.FromSeconds(seconds));
}
