using Gateway.Engine.Ports;
using Gateway.Reconciler;
using Gateway.Timing;

namespace Gateway.Tests.Reconciler.Parts;

/// <summary>What a speaker's link that comes or goes means: told, counted, tried again.</summary>
public sealed class SpeakerLinksTests : IDisposable
{
    private readonly LoopParts _parts = new("speakers:\n  - {id: s1, name: Speaker 1, address: '00:AA:02:00:00:01'}\n");

    public void Dispose() => _parts.Dispose();

    [Theory]
    [InlineData(false, false, "", 0)] // it was not linked before
    [InlineData(true, false, "link_lost", 1)]
    [InlineData(true, true, "", 0)] // by our own will
    public void A_link_that_ends_is_a_loss_where_nobody_wanted_it(bool wasLinked, bool expected, string told, int dropouts)
    {
        See(LoopParts.Speaker(1, linked: wasLinked));
        _parts.Told();
        _parts.Speakers.Of("s1").DisconnectExpected = expected;

        See(LoopParts.Speaker(1));

        Assert.Equal(told, _parts.Told());
        Assert.Equal(dropouts, _parts.Speakers.Of("s1").Dropouts);
    }

    [Fact]
    public void Who_said_goodbye_is_left_alone_for_a_while_and_who_fell_silent_is_called_at_once()
    {
        See(LoopParts.Speaker(1, linked: true));
        See(LoopParts.Speaker(1));
        var afterGoodbye = Pause();
        See(LoopParts.Speaker(1, linked: true));
        _parts.Time.Advance(TimeSpan.FromMinutes(1)); // long enough to count as a link
        See(LoopParts.Speaker(1) with { FellSilent = true });

        Assert.True(afterGoodbye >= TimeSpan.FromSeconds(9), $"{afterGoodbye}");
        Assert.True(Pause() < TimeSpan.FromSeconds(9), $"{Pause()}");
    }

    [Fact]
    public void A_loss_of_our_own_making_is_no_reason_to_wait()
    {
        See(LoopParts.Speaker(1, linked: true));
        _parts.Show(_parts.Loop.View.Bluetooth with { Problem = "bluetoothd is not running.", Devices = [] });
        _parts.Links.Watch();

        Assert.Equal("link_lost", _parts.Told());
        Assert.Null(_parts.Speakers.Of("s1").RetryAt);
    }

    [Fact]
    public void A_link_that_is_back_says_how_long_it_was_away()
    {
        See(LoopParts.Speaker(1, linked: true));
        See(LoopParts.Speaker(1));
        _parts.Time.Advance(TimeSpan.FromSeconds(12.34));
        _parts.Told();
        See(LoopParts.Speaker(1, linked: true));

        Assert.Equal("link_restored", _parts.Told());
        Assert.Equal(12.3, _parts.Speakers.Of("s1").ReconnectS);
        Assert.Null(_parts.Speakers.Of("s1").RetryAt);
    }

    [Fact]
    public void That_another_host_holds_it_is_told_once_and_is_over_when_nobody_waits_for_it()
    {
        See(LoopParts.Speaker(1) with { HeldElsewhere = true });
        See(LoopParts.Speaker(1) with { HeldElsewhere = true });
        Assert.Equal("held_elsewhere", _parts.Told());
        Assert.True(_parts.Speakers.Of("s1").HeldElsewhere);

        _parts.Links.NobodyWaitsFor("s1");

        Assert.False(_parts.Speakers.Of("s1").HeldElsewhere);
    }

    [Theory]
    [InlineData(PortError.NotReachable, 0, 2)]
    [InlineData(PortError.NotReachable, 5, 30)]
    [InlineData(PortError.NotReachable, 45, 120)]
    public void A_speaker_that_stays_off_is_asked_less_and_less_often(PortError error, int minutesAway, int atLeastSeconds)
    {
        var run = _parts.Speakers.Of("s1");
        run.AwaySince = _parts.Loop.Now;
        _parts.Time.Advance(TimeSpan.FromMinutes(minutesAway));

        _parts.Links.NoteFailure(Failure(error));

        Assert.InRange(Pause().TotalSeconds, atLeastSeconds * 0.5, 200); // pauses are jittered
        Assert.Equal("It did not answer.", run.LastError?.Text);
    }

    [Fact]
    public void Three_tries_in_a_row_that_took_the_service_down_rest_for_a_minute()
    {
        for (var i = 0; i < 3; i++) _parts.Links.NoteFailure(Failure(PortError.PartMissing));

        Assert.True(Pause() >= TimeSpan.FromMinutes(1), $"{Pause()}");
    }

    private static StepFailure Failure(PortError error) => new(
        new StepTarget { Step = new Gateway.Engine.ConnectStep("s1", null, "hci0", ""), Name = "Speaker 1" }, error, "It did not answer.");

    private TimeSpan Pause() => _parts.Speakers.Of("s1").RetryAt is { } at ? at - _parts.Time.Now() : TimeSpan.Zero;

    private void See(RadioDevice device)
    {
        _parts.Show(device);
        _parts.Links.Watch();
    }
}
