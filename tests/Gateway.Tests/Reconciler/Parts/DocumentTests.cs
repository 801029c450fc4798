using Gateway.Configuration;
using Gateway.House;
using Gateway.Reconciler;
using Gateway.Reconciler.Echoes;
using Gateway.Reconciler.Groups;
using Gateway.Reconciler.Runs;
using Gateway.Reconciler.Speakers;

namespace Gateway.Tests.Reconciler.Parts;

/// <summary>What is published of a state that a test sets by hand.</summary>
public sealed class DocumentTests : IDisposable
{
    private readonly LoopParts _parts = LoopParts.OfAPair();

    private readonly SnapshotBuilder _builder;

    public DocumentTests()
    {
        var loop = _parts.Loop;
        var outputs = new MemberOutputs(loop, _parts.Speakers, new EchoRuns());
        var options = new ReconcilerOptions(_parts.Configuration.House, CatalogueLoader.BuiltIn, new GatewayIdentity("gw", "Tutti", "0"), SoundServerHasBluetooth: false);
        _builder = new SnapshotBuilder(
            loop, options, _parts.Groups, new EchoDocuments(loop.View, loop.Operations, new EchoOptions(loop.View, "Tutti")), new SpeakerDocuments(loop, _parts.Speakers, _parts.History, outputs),
            new GroupDocuments(loop, _parts.Speakers, outputs, new GroupSources(loop.View, loop.Desired), new GroupPlans(loop.View, loop.Desired), new AlexaGroups(loop.View)));
    }

    public void Dispose() => _parts.Dispose();

    [Theory]
    [InlineData(true, false, false, false, SpeakerLink.Connected)]
    [InlineData(true, true, true, true, SpeakerLink.Connected)] // what is counts before what was
    [InlineData(false, true, true, true, SpeakerLink.Connecting)]
    [InlineData(false, false, true, true, SpeakerLink.HeldElsewhere)]
    [InlineData(false, false, false, true, SpeakerLink.Failed)]
    [InlineData(false, false, false, false, SpeakerLink.Disconnected)]
    public void A_speakers_link_is_one_word(bool linked, bool connecting, bool held, bool error, SpeakerLink word)
    {
        _parts.Show(LoopParts.Speaker(1, linked));
        var run = _parts.Speakers.Of("s1");
        (run.Connecting, run.HeldElsewhere, run.LastError) = (connecting, held, error ? new ErrorDocument("It did not answer.", null) : null);

        Assert.Equal(word, Speaker().Link);
        Assert.Equal(linked, Speaker().Connected);
    }

    [Fact]
    public void What_the_speaker_says_of_its_volume_counts_once_ours_has_reached_it()
    {
        _parts.Show(LoopParts.Speaker(1, linked: true) with { VolumePercent = 30 });
        _parts.Loop.Desired.Set("s1", new DesiredSpeaker { Volume = 50 });
        Assert.Equal(50, Speaker().Volume);

        _parts.Speakers.Of("s1").VolumeApplied = true;
        Assert.Equal(30, Speaker().Volume);
    }

    [Fact]
    public void Whether_it_is_paired_is_unknown_without_Bluetooth()
    {
        _parts.Show(LoopParts.Speaker(1));
        Assert.True(Speaker().Paired);

        _parts.Show(_parts.Loop.View.Bluetooth with { Problem = "bluetoothd is not running." });
        Assert.Null(Speaker().Paired);
        Assert.False(Speaker().Available);
        Assert.Equal("bluetoothd is not running.", _builder.Build(null).Gateway.Problem);
    }

    [Theory]
    [InlineData(GroupPhase.Off, false, null)]
    [InlineData(GroupPhase.Connecting, false, MemberState.Connecting)]
    [InlineData(GroupPhase.Playing, true, MemberState.Missing)]
    [InlineData(GroupPhase.Failed, false, MemberState.Missing)]
    public void A_member_without_a_link_is_what_its_group_makes_of_it(GroupPhase phase, bool isMissing, MemberState? state)
    {
        _parts.Show(LoopParts.Speaker(1, linked: true), LoopParts.Speaker(2));
        var run = _parts.Groups["pair"];
        run.Phase = phase;
        if (isMissing) run.Missing.Add("s2");

        var group = Assert.Single(_builder.Build(null).Groups);

        Assert.Equal(state, group.Members[1].State);
        Assert.Equal(run.IsActive, group.Active);
        Assert.Equal(phase == GroupPhase.Playing ? ["pair"] : [], _builder.Build(null).Gateway.ActiveGroups);
    }

    [Fact]
    public void Nothing_stored_is_said_before_nothing_at_all()
    {
        Assert.Null(_builder.Build(null).Gateway.Problem);
        Assert.Equal("The disk is full.", _builder.Build("The disk is full.").Gateway.Problem);
    }

    [Fact]
    public void Two_looks_at_the_same_house_are_equal()
    {
        _parts.Show(LoopParts.Speaker(1, linked: true), LoopParts.Speaker(2));
        var (one, two) = (_builder.Build(null), _builder.Build(null));

        Assert.Equal(one.Speakers, two.Speakers);
        Assert.Equal(one.Groups, two.Groups);
        Assert.Equal(one.Adapters, two.Adapters);
        Assert.Equal(one.Gateway, two.Gateway);
    }

    private SpeakerDocument Speaker() => _builder.Build(null).Speakers.First(s => s.Id == "s1");
}
