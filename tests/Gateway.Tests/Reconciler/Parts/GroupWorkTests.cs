using Gateway.Engine;
using Gateway.Reconciler;
using Gateway.Reconciler.Groups;
using Gateway.Reconciler.Runs;
using Gateway.Reconciler.Speakers;

namespace Gateway.Tests.Reconciler.Parts;

/// <summary>A group's steps beside the loop: what they make of its speakers meanwhile, and who ends them early.</summary>
public sealed class GroupWorkTests : IDisposable
{
    private readonly LoopParts _parts = new("""
        speakers:
          - {id: s1, name: Speaker 1, address: '00:AA:02:00:00:01'}
        groups:
          - {id: one, name: One, members: [s1], source: pipe:test-signal}
        """);

    private readonly GroupWork _work;
    private readonly GroupControl _control;

    public GroupWorkTests()
    {
        var (loop, echoes) = (_parts.Loop, new EchoRuns());
        var runner = new StepRunner(null!, null!, loop.Journal, _parts.Time);
        var outputs = new MemberOutputs(loop, _parts.Speakers, echoes);
        _work = new GroupWork(loop, runner, _parts.Speakers, echoes, _parts.Links, new SpeakerControl(loop, _parts.Speakers, _parts.Links, outputs, runner));
        _control = new GroupControl(loop, _parts.Groups, new GroupSteps(loop, _parts.Groups, _parts.Speakers, echoes, _parts.Links), null!, null!, null!);
        _parts.Speakers.Of("s1");
    }

    private GroupRun Group => _parts.Groups["one"];

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void A_speaker_is_connecting_while_steps_link_it_and_not_while_they_let_it_go()
    {
        _work.Begin(Group, [Step()], _ => { });
        Assert.False(_parts.Speakers.Of("s1").Connecting);
        _parts.Settle();

        _work.Expect([Step()], []);
        _work.Begin(Group, [Step()], _ => { });
        Assert.True(_parts.Speakers.Of("s1").Connecting);
        _parts.Settle();
        Assert.False(_parts.Speakers.Of("s1").Connecting);
        Assert.Null(Group.Operation);
    }

    [Fact]
    public void An_announced_cut_is_no_loss()
    {
        _work.Expect([], [new PlanDrop("s1", "somebody")]);

        Assert.True(_parts.Speakers.Of("s1").DisconnectExpected);
    }

    [Theory]
    [InlineData(true, true)] // it is connecting the speaker that the user has just switched off
    [InlineData(false, false)] // it lets it go anyway, and the others with it
    public void A_group_stops_connecting_a_speaker_that_is_switched_off_and_goes_on_letting_it_go(bool active, bool ended)
    {
        _parts.Loop.Desired.Set("one", new DesiredGroup { Active = active });
        _work.Begin(Group, [Step()], _ => { });

        _control.GiveUpOn("s1");

        Assert.Equal(ended, Group.Operation!.IsCancellationRequested);
    }

    [Fact]
    public void A_batch_that_was_overtaken_says_nothing_of_its_steps()
    {
        var told = 0;
        _work.Begin(Group, [Step()], _ => told++);
        Group.Operation!.Cancel();
        _parts.Settle();
        Assert.Equal((0, true), (told, Group.Operation is null));

        _work.Begin(Group, [Step()], _ => told++);
        _parts.Settle();
        Assert.Equal(1, told);
    }

    /// <summary>One that no port is needed for.</summary>
    private static StepTarget Step() => new() { Step = new KeepAwakeStep("s1", ""), Name = "Speaker 1" };
}
