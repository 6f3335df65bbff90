Console.WriteLine("imagic");
