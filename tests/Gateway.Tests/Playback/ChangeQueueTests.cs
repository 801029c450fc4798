using Gateway.Playback.Audio;

namespace Gateway.Tests.Playback;

/// <summary>Changes from many threads to one that takes them without a lock.</summary>
public sealed class ChangeQueueTests
{
    [Fact]
    public void Each_change_is_taken_once_however_posting_and_taking_fall_together()
    {
        const int Posters = 2;
        const int Each = 300_000;
        var (queue, posting) = (new ChangeQueue(), Posters);
        var threads = Enumerable.Range(0, Posters).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < Each; i++) queue.Post(static () => { });
            Interlocked.Decrement(ref posting);
        })).ToList();
        threads.ForEach(t => t.Start());

        var (taken, twice) = (0, 0);
        while (true)
        {
            var over = Volatile.Read(ref posting) == 0; // before the last look
            for (var change = queue.Take(); change is not null && taken <= Posters * Each; change = change.Next)
            {
                taken++;
                if (change.IsMade) twice++;
                change.SetMade();
            }

            if (over || taken > Posters * Each) break;
        }

        threads.ForEach(t => t.Join());
        Assert.Equal((Posters * Each, 0), (taken, twice));
    }

    [Fact]
    public void Changes_are_taken_in_the_order_in_which_they_were_posted()
    {
        var (queue, made) = (new ChangeQueue(), new List<int>());
        for (var i = 0; i < 4; i++)
        {
            var number = i;
            queue.Post(() => made.Add(number));
        }

        for (var change = queue.Take(); change is not null; change = change.Next) change.Work();

        Assert.Equal([0, 1, 2, 3], made);
        Assert.Null(queue.Take());
    }
}
