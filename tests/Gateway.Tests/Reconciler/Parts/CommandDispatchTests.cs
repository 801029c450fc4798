using Gateway.House;
using Gateway.Reconciler;

namespace Gateway.Tests.Reconciler.Parts;

public sealed class CommandDispatchTests : IDisposable
{
    private readonly LoopParts _parts = new("gateway: {id: gw}\n");
    private readonly TaskCompletionSource _work = new();

    public void Dispose() => _parts.Dispose();

    [Fact]
    public void A_fault_of_ours_ends_the_command_and_what_it_began_is_no_second_end()
    {
        var dispatch = Dispatching(c =>
        {
            _parts.Loop.Operations.Begin(c, _ => _work.Task);
            throw new InvalidOperationException("A fault of ours.");
        });

        Assert.Throws<InvalidOperationException>(() => dispatch.Handle(LoopParts.Command("gateway", "gw", "rescan", "PRESS")));
        _work.SetResult();
        _parts.Settle();

        Assert.Equal([CommandResult.Accepted, CommandResult.Failed], _parts.Answers().Select(a => a.Result));
    }

    [Fact]
    public void A_fault_after_the_end_adds_none()
    {
        var dispatch = Dispatching(c =>
        {
            _parts.Loop.Journal.End(c, CommandResult.Done, null, []);
            throw new InvalidOperationException("A fault of ours.");
        });

        Assert.Throws<InvalidOperationException>(() => dispatch.Handle(LoopParts.Command("gateway", "gw", "rescan", "PRESS")));

        Assert.Equal([CommandResult.Done], _parts.Answers().Select(a => a.Result));
    }

    private CommandDispatch Dispatching(Action<Command> handler) => new(
        _parts.Loop, _parts.Groups, new GatewayIdentity("gw", "Tutti", "0"), _ => { }, CommandTable.All.ToDictionary(c => (c.Kind, c.Property), _ => handler));
}
