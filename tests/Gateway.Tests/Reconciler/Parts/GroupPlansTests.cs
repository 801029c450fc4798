using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.Reconciler;
using Gateway.Reconciler.Groups;
using Gateway.Reconciler.Runs;

namespace Gateway.Tests.Reconciler.Parts;

/// <summary>Which members a group is planned with, and what is done about them.</summary>
public sealed class GroupPlansTests : IDisposable
{
    private readonly LoopParts _parts = LoopParts.OfAPair();

    private readonly GroupPlans _plans;

    public GroupPlansTests() => _plans = new GroupPlans(_parts.Loop.View, _parts.Loop.Desired);

    private GroupRun Group => _parts.Groups["pair"];

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void All_members_are_planned_with_and_those_that_are_not_linked_are_connected()
    {
        _parts.Show(LoopParts.Speaker(1, linked: true), LoopParts.Speaker(2));

        var plan = Around();

        Assert.True(PlanNotices.IsAutomatic(plan));
        Assert.Equal(["s2"], plan.Steps.Where(s => s is ConnectStep).Select(s => s.Device));
    }

    [Fact]
    public void One_that_was_switched_off_by_itself_is_left_alone_until_its_group_is_switched_on()
    {
        _parts.Show(LoopParts.Speaker(1, linked: true), LoopParts.Speaker(2));
        _parts.Loop.Desired.Set("s2", new DesiredSpeaker { Connected = false });

        Assert.Equal(["s2"], _plans.LeftAlone(Group.Group.Members, commanded: false));
        Assert.Empty(_plans.LeftAlone(Group.Group.Members, commanded: true));
        Assert.DoesNotContain(Around().Steps, s => s.Device == "s2");
    }

    [Fact]
    public void One_members_trouble_does_not_silence_the_others()
    {
        _parts.Show(LoopParts.Speaker(1, linked: true), LoopParts.Speaker(2));

        // Whatever has to do with the second one is not acceptable.
        var plan = _plans.Around(Group, Group.Group.Source, [], [], _plans.IsMissing, p => PlanNotices.IsAutomatic(p) && p.Steps.All(s => s.Device != "s2"));

        Assert.Equal(["s1"], plan.Members);
    }

    [Fact]
    public void Where_all_are_in_trouble_the_whole_plan_says_so()
    {
        _parts.Show(LoopParts.Speaker(1), LoopParts.Speaker(2));

        var plan = _plans.Around(Group, Group.Group.Source, [], [], _plans.IsMissing, _ => false);

        Assert.Equal(["s1", "s2"], plan.Members);
    }

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, false, false)] // the user switched it off, and its link is being ended
    [InlineData(false, null, false)]
    public void A_member_counts_as_present_where_it_can_be_played_to(bool linked, bool? wanted, bool present)
    {
        _parts.Show(LoopParts.Speaker(1, linked), LoopParts.Speaker(2));
        _parts.Loop.Desired.Set("s1", new DesiredSpeaker { Connected = wanted });

        Assert.Equal(present, _plans.IsPresent("s1", Around()));
    }

    [Fact]
    public void One_that_plays_to_us_cannot_be_played_to()
    {
        _parts.Show(LoopParts.Speaker(1, linked: true) with { LinkedAs = RadioRole.Source }, LoopParts.Speaker(2));

        Assert.True(_plans.IsMissing("s1"));
        Assert.False(_plans.IsPresent("s1", Around()));
    }

    private Plan Around() => _plans.Around(Group, Group.Group.Source, _plans.LeftAlone(Group.Group.Members, commanded: false), [], _plans.IsMissing, PlanNotices.IsAutomatic);
}
